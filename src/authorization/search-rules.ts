import type { SearchQuery } from "../directory/directory.ts";
import { ConfigError } from "../errors.ts";
import { normalizeDn } from "../ldap/dn.ts";
import { formatFilter } from "../ldap/format-filter.ts";
import { someTexts } from "./checked-arguments.ts";
import { type Decision, denied, granted, unanswerable, undecided } from "./decision.ts";
import { prepareFilterTemplate } from "./filter-template.ts";
import type { CompiledRule } from "./question.ts";
import type { Rule } from "./rule.ts";
import { aboutEntry, type SubjectQuestion } from "./subject.ts";

/** Does the person's own entry match? */
export function compileFilter(text: string, negated: boolean): CompiledRule {
  const [checked = ""] = someTexts([text], "requireFilter", "a filter");
  const template = prepareFilterTemplate(checked);
  return aboutEntry(async (question) => {
    const { person } = question;
    const filter = template(person);
    const found = await findsOne(question, { ...ownEntry(person.dn), filter });
    if (found.outcome !== "denied" || !negated) return found;
    // What can't be read is neither true nor false, and its opposite is not true either (RFC 4511 section 4.5.1.7).
    const opposite = await findsOne(question, {
      ...ownEntry(person.dn),
      filter: { type: "not", filter },
    });
    return opposite.outcome === "granted" ? found : unanswerable(`${checked}: not readable`);
  });
}

/** Does a search find exactly one entry? */
export function compileSearch(rule: Rule & { readonly type: "search" }): CompiledRule {
  const [checked = ""] = someTexts([rule.filter], "requireSearch", "a filter");
  const template = prepareFilterTemplate(checked);
  if (rule.base !== undefined && normalizeDn(rule.base) === undefined) {
    throw new ConfigError(`requireSearch: base is not a DN: ${JSON.stringify(rule.base)}.`);
  }
  if (rule.scope !== undefined && !["base", "one", "sub"].includes(rule.scope)) {
    throw new ConfigError('requireSearch: scope is "base", "one" or "sub".');
  }
  return aboutEntry((question) => {
    const base = rule.base ?? question.url.base;
    const scope = rule.scope ?? question.url.scope;
    const filter = template(question.person);
    // Two are asked for, as in httpd's ldap-search: one is a yes, several are not.
    const query = { base, scope, filter, attributes: [], limit: 2 } as const;
    return findsOne(question, query);
  });
}

/** A question to one entry, without reading it. */
function ownEntry(base: string) {
  return { base, scope: "base", attributes: [], limit: 1 } as const;
}

async function findsOne(
  { identities, deadline }: SubjectQuestion,
  query: SearchQuery,
): Promise<Decision> {
  try {
    const found = await identities.search.search(query, deadline);
    const [entry] = found;
    if (entry && found.length === 1) return granted(entry.dn);
    const { filter, base } = query;
    return denied(`${formatFilter(filter)} below ${base} finds not one, but ${found.length}`);
  } catch (error) {
    return undecided(error, `searching below ${query.base}`);
  }
}
