import type { SearchQuery } from "../directory/directory.ts";
import { ConfigError, DirectoryError } from "../errors.ts";
import { normalizeDn } from "../ldap/dn.ts";
import { formatFilter } from "../ldap/format-filter.ts";
import { someDns, someTexts } from "./checked-arguments.ts";
import { type Decision, denied, GRANTED, undecided, unseen } from "./decision.ts";
import { prepareFilterTemplate } from "./filter-template.ts";
import { membershipFilter, memberships } from "./group-membership.ts";
import { anyOf } from "./logic.ts";
import type { CompiledRule, Question } from "./question.ts";
import type { Rule } from "./rule.ts";

const UNDEFINED_ATTRIBUTE_TYPE = 17;

/** Is the person a direct member of one of these groups? */
export function compileGroup(groups: readonly string[], negated: boolean): CompiledRule {
  const inOne = (group: string): CompiledRule => {
    return async (question) => {
      const found = await findsOne(question, {
        ...ownEntry(group),
        filter: membershipFilter(question.person),
      });
      if (found.outcome !== "denied" || !negated) return found;
      return isSurelyNoMember(question, group);
    };
  };
  return anyOf(someDns(groups, "requireGroup").map(inOne));
}

/** Asks for each list by a compare, which unlike a search tells "no" from "you may not know" (RFC 4511 section 4.10). */
async function isSurelyNoMember(question: Question, group: string): Promise<Decision> {
  const { directory, person, deadline } = question;
  for (const [attribute, member] of memberships(person)) {
    try {
      if (await directory.compare(group, attribute, member, deadline)) return GRANTED;
    } catch (error) {
      const isUnknown =
        error instanceof DirectoryError && error.resultCode === UNDEFINED_ATTRIBUTE_TYPE;
      // A server without such lists has nobody in them.
      if (!isUnknown) return undecided(error, `comparing ${attribute} of ${group}`);
    }
  }
  return denied(`not a member of ${group}`);
}

/** Does the person's own entry match? */
export function compileFilter(text: string, negated: boolean): CompiledRule {
  const [checked = ""] = someTexts([text], "requireFilter", "a filter");
  const template = prepareFilterTemplate(checked);
  return async (question) => {
    const { person } = question;
    const filter = template(person);
    const found = await findsOne(question, { ...ownEntry(person.dn), filter });
    if (found.outcome !== "denied" || !negated) return found;
    // What can't be read is neither true nor false, and its opposite is not true either (RFC 4511 section 4.5.1.7).
    const opposite = await findsOne(question, {
      ...ownEntry(person.dn),
      filter: { type: "not", filter },
    });
    return opposite.outcome === "granted" ? found : unseen(checked);
  };
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
  return (question) => {
    const base = rule.base ?? question.url.base;
    const scope = rule.scope ?? question.url.scope;
    const filter = template(question.person);
    // Two are asked for, as in httpd's ldap-search: one is a yes, several are not.
    const query = { base, scope, filter, attributes: [], limit: 2 } as const;
    return findsOne(question, query);
  };
}

/** A question to one entry, without reading it. */
function ownEntry(base: string) {
  return { base, scope: "base", attributes: [], limit: 1 } as const;
}

async function findsOne({ directory, deadline }: Question, query: SearchQuery): Promise<Decision> {
  try {
    const found = await directory.search(query, deadline);
    if (found.length === 1) return GRANTED;
    const { filter, base } = query;
    return denied(`${formatFilter(filter)} below ${base} finds not one, but ${found.length}`);
  } catch (error) {
    return undecided(error, `searching below ${query.base}`);
  }
}
