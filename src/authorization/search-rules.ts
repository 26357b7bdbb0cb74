import type { SearchQuery } from "../directory/directory.ts";
import { ConfigError } from "../errors.ts";
import { normalizeDn } from "../ldap/dn.ts";
import { someDns, someTexts } from "./checked-arguments.ts";
import { type Decision, grantedIf, undecided } from "./decision.ts";
import { prepareFilterTemplate } from "./filter-template.ts";
import { membershipFilter } from "./group-membership.ts";
import { anyOf } from "./logic.ts";
import type { CompiledRule, Question } from "./question.ts";
import type { Rule } from "./rule.ts";

/** Is the person a direct member of one of these groups? */
export function compileGroup(groups: readonly string[]): CompiledRule {
  const wanted = someDns(groups, "requireGroup");
  const inOne = (group: string): CompiledRule => {
    return (question) => {
      const filter = membershipFilter(question.person);
      const query = { base: group, scope: "base", filter, attributes: [], limit: 1 } as const;
      return findsOne(question, query, `not a member of ${group}`);
    };
  };
  return anyOf(wanted.map(inOne));
}

/** Does the person's own entry match? */
export function compileFilter(text: string): CompiledRule {
  const [checked = ""] = someTexts([text], "requireFilter", "a filter");
  const template = prepareFilterTemplate(checked);
  return (question) => {
    const { person } = question;
    const filter = template(person);
    const query = { base: person.dn, scope: "base", filter, attributes: [], limit: 1 } as const;
    return findsOne(question, query, `the entry does not match ${checked}`);
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
    return findsOne(question, query, `the search ${checked} does not find exactly one entry`);
  };
}

async function findsOne(
  { directory, deadline }: Question,
  query: SearchQuery,
  reasonIfNot: string,
): Promise<Decision> {
  try {
    const found = await directory.search(query, deadline);
    return grantedIf(found.length === 1, reasonIfNot);
  } catch (error) {
    return undecided(error, `searching below ${query.base}`);
  }
}
