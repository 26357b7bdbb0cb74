import type { SentMail } from "../mail/outbox.ts";
import { type Html, html } from "./html.ts";
import { page } from "./page.ts";

/** Whose mail it is. */
export interface MailUser {
  readonly username: string;
  readonly address: string;
}

/** What was sent, and a form to send more. */
export function mailPage(
  { username, address }: MailUser,
  sent: readonly SentMail[],
  problem?: string,
): string {
  const content = html`<p class="lead">You are <strong>${address}</strong>. Mail goes no further than this page: it is
        kept in memory, and all mail users can read it.</p>
      ${problem === undefined ? "" : html`<p class="panel" role="alert"><strong>Not sent.</strong> ${problem}</p>`}
      <form class="panel letter" method="post" action="/mail">
        <h2>Send a mail</h2>
        <label>To <input name="to" type="email" required maxlength="254" autocomplete="off" autocapitalize="none" spellcheck="false"></label>
        <label>Subject <input name="subject" maxlength="200" autocomplete="off"></label>
        <label>Text <textarea name="text" rows="5" maxlength="4000"></textarea></label>
        <button>Send</button>
      </form>
      <section class="panel" aria-labelledby="sent">
        <h2 id="sent">Sent</h2>
        ${sent.length === 0 ? html`<p>Nothing yet.</p>` : html`<ul class="letters">${sent.map(letter)}</ul>`}
      </section>`;
  return page({ title: "Mail", username, content, logoutPath: "/mail/logout" });
}

function letter({ from, to, subject, text, at }: SentMail): Html {
  return html`<li>
            <h3>${subject === "" ? "(no subject)" : subject}</h3>
            <p class="fine">${from} to ${to}, <time datetime="${at.toISOString()}">${at.toISOString().slice(0, 16).replace("T", " ")} UTC</time></p>
            <p class="text">${text}</p>
          </li>
          `;
}
