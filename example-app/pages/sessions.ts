import { type Html, html } from "./html.ts";
import { page } from "./page.ts";

/** Whose sessions have just been ended, and how many there were. */
export interface Ended {
  readonly username: string;
  readonly sessions: number;
}

/** Where somebody is signed out everywhere. */
export function sessionsPage(username: string, ended?: Ended): string {
  const content = html`<p class="lead">Somebody lost a phone, or has left? End all their sessions, in every browser and on every server.
        They can sign in again as long as the directory lets them.</p>
      ${ended ? notice(ended) : ""}
      <form class="panel ask" method="post" action="/sessions">
        <label>Name <input name="username" required maxlength="300" autocomplete="off" autocapitalize="none" spellcheck="false"></label>
        <button>End all sessions</button>
      </form>`;
  return page({ title: "Sessions", username, content });
}

function notice({ username, sessions }: Ended): Html {
  const number = sessions === 1 ? "1 session has" : `${sessions} sessions have`;
  return html`<p class="panel" role="status"><strong>${username}</strong>: ${number} ended.</p>`;
}
