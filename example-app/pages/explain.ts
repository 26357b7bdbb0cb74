// In your own project, this is "express-authnz-ldap".
import type { Decision, OperationReport } from "../../src/index.ts";
import type { Area } from "../areas.ts";
import { type Html, html } from "./html.ts";
import { page } from "./page.ts";

/** An area, and what its guard says of somebody. */
export type Explanation = readonly [area: Area, decision: Decision];

/** Why somebody may see a page or not, rule by rule, and what the directory was asked for it. */
export function explainPage(
  username: string,
  asked: string,
  areas: readonly Area[],
  explanations: readonly Explanation[],
): string {
  const content = html`<p class="lead">Who may see what, and why. Nobody needs to be signed in for it, and nobody is told.</p>
      <form class="panel ask" method="get" action="/explain">
        <label>Name <input name="username" value="${asked}" required autocomplete="off" autocapitalize="none" spellcheck="false"></label>
        <label>Page <select name="path"><option value="">All</option>${areas.map((area) => option(area, explanations))}</select></label>
        <button>Explain</button>
      </form>
      <ul class="verdicts">
        ${explanations.map((explanation) => verdictOn(asked, explanation))}
      </ul>`;
  return page({ title: "Why?", username, content });
}

function option({ path, title }: Area, explanations: readonly Explanation[]): Html {
  const [only, ...more] = explanations;
  const isChosen = only?.[0].path === path && more.length === 0;
  return html`<option value="${path}"${isChosen ? html` selected` : ""}>${title}</option>`;
}

/** The classes that badges are coloured by. */
const LOOKS: Readonly<Record<Decision["outcome"], string>> = {
  granted: "granted",
  denied: "refused",
  "no-user": "refused",
  neutral: "unknown",
  undecided: "unknown",
};

function verdictOn(asked: string, [{ path, title }, decision]: Explanation): Html {
  const { outcome } = decision;
  return html`<li class="${LOOKS[outcome]}">
          <span class="badge">${outcome}</span>
          <p><strong>${asked}</strong> and <a href="${path}">${title}</a>: ${decision.reason}</p>
          <ul class="reasons">${reasonOf(decision)}</ul>
        </li>
        `;
}

/** A rule with what it says, the rules in it, and what was asked for it. */
function reasonOf({ rule, outcome, reason, operations = [], parts = [] }: Decision): Html {
  const own = rule && html`<code>${JSON.stringify(rule)}</code>`;
  return html`<li>${own ?? ""} ${reason === "" ? outcome : `${outcome}: ${reason}`}
            ${operations.length > 0 ? html`<ul>${operations.map(operationOf)}</ul>` : ""}
            ${parts.length > 0 ? html`<ul>${parts.map(reasonOf)}</ul>` : ""}</li>`;
}

function operationOf(report: OperationReport): Html {
  const { operation, server, dn, scope, filter, attribute, result, milliseconds, cacheHit } =
    report;
  const how = [scope, filter, attribute].filter((part) => part !== undefined).join(" ");
  const took = cacheHit ? "from memory" : `${milliseconds.toFixed(1)} ms`;
  return html`<li>${operation} <code>${dn}</code> <code>${how}</code> at ${server ?? "no server"}: ${result}, ${took}</li>`;
}
