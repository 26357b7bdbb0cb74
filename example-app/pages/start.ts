// In your own project, this is "express-authnz-ldap".
import type { Authenticated, PasswordWarning } from "../../src/index.ts";
import type { Area } from "../areas.ts";
import type { Verdict } from "../may-pass.ts";
import { type Html, html } from "./html.ts";
import { page } from "./page.ts";
import { passwordNotice } from "./password-notice.ts";

/** What there is to say of the visitor's password. */
export interface PasswordState {
  readonly warning: PasswordWarning | undefined;
  /** Where they can change it, if they can. */
  readonly path: string | undefined;
}

/** The start page: where to go, and who the directory says the visitor is. */
export function startPage(
  authenticated: Authenticated,
  areas: readonly Area[],
  verdicts: readonly Verdict[],
  password: PasswordState,
  hasMail: boolean,
): string {
  const { username } = authenticated;
  const cards = areas.map((area, n) => card(area, verdicts[n] ?? "unknown"));
  const names = Object.keys(authenticated) as Uppercase<string>[];
  const rows = names.map(
    (name) =>
      html`<tr><th scope="row">AUTHENTICATE_${name}</th><td>${authenticated[name] ?? ""}</td></tr>
          `,
  );
  const content = html`<p class="lead">Here is what there is, and which of it is open to you.</p>
      ${password.warning ? passwordNotice(password.warning, password.path) : ""}
      <ul class="cards areas">
        ${cards}
      </ul>
      ${hasMail ? MAIL : ""}
      <section class="panel" aria-labelledby="you">
        <h2 id="you">What the directory says of you</h2>
        <p>The attributes that the AuthLDAPURL lists, under the names that Apache gave them.</p>
        <table class="stacks">
          ${rows}
        </table>
        <p class="fine">Signed in as <code>${authenticated.dn}</code></p>
        ${password.warning ? "" : passwordNotice(undefined, password.path)}
      </section>`;
  return page({ title: `Welcome, ${username}`, username, content });
}

const MAIL = html`<p class="panel"><a href="/mail">Mail</a> is for the users of the mail server, who have names and passwords of their own.</p>`;

const BADGES: Readonly<Record<Verdict, string>> = {
  granted: "Open to you",
  refused: "Not open to you",
  unknown: "Can’t tell right now",
};

function card({ path, title, summary, condition }: Area, verdict: Verdict): Html {
  return html`<li class="card ${verdict}">
          <h2><a href="${path}">${title}</a></h2>
          <p>${summary}</p>
          <p class="meta"><span class="badge">${BADGES[verdict]}</span> For ${condition}</p>
        </li>
        `;
}
