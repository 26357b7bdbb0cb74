// In your own project, this is "express-authnz-ldap".
import type { Authenticated } from "../../src/index.ts";
import type { Area } from "../areas.ts";
import type { Verdict } from "../may-pass.ts";
import { type Html, html } from "./html.ts";
import { page } from "./page.ts";

/** Why a page is open to the visitor or not: each area's rule, and what it says of them. */
export function accessPage(
  authenticated: Authenticated,
  areas: readonly Area[],
  verdicts: readonly Verdict[],
  mayExplain: boolean,
): string {
  const { username } = authenticated;
  const levels = authenticated.values("MyWebAccess");
  const content = html`<p class="lead">You are signed in as <strong>${username}</strong>.
        ${levels.length > 0 ? html`The directory gives you ${list(levels)}.` : html`The directory gives you no level.`}</p>
      <ul class="verdicts">
        ${areas.map((area, n) => verdictOn(area, verdicts[n] ?? "unknown"))}
      </ul>
      <p class="fine">Something missing? Whoever keeps the directory can add a level or a group.
        It counts within a minute, without signing in again.
        ${mayExplain ? html`Or see <a href="/explain">why others may see what</a>, or <a href="/sessions">sign somebody out everywhere</a>.` : ""}</p>`;
  return page({ title: "What may I see?", username, content });
}

function list(values: readonly string[]): Html {
  const last = values.length - 1;
  return html`${values.map((value, n) => html`${n === 0 ? "" : n === last ? " and " : ", "}<code>${value}</code>`)}`;
}

const BADGES: Readonly<Record<Verdict, string>> = {
  granted: "Granted",
  refused: "Refused",
  unknown: "Could not be asked",
};

const REASONS: Readonly<Record<Verdict, string>> = {
  granted: "is for",
  refused: "is only for",
  unknown: "is for",
};

function verdictOn({ path, title, condition, guard }: Area, verdict: Verdict): Html {
  return html`<li class="${verdict}">
          <span class="badge">${BADGES[verdict]}</span>
          <p><a href="${path}">${title}</a> ${REASONS[verdict]} ${condition}.</p>
          <pre><code>${JSON.stringify(guard.rule)}</code></pre>
        </li>
        `;
}
