import { prepareHttpdGroup } from "../groups/httpd-groups.ts";
import type { CompiledRule } from "../question.ts";
import type { HttpdRule } from "../rule.ts";
import { prepareArgument, withoutValue } from "./argument.ts";
import { compileLdapAttribute, compileLdapUser } from "./compare-values.ts";
import type { Warn } from "./filter-argument.ts";
import { compileLdapDn, dnOf } from "./ldap-dn.ts";
import { compileLdapFilter, compileLdapSearch } from "./ldap-searches.ts";
import { aboutSubject } from "./subject-of.ts";

/** mod_authnz_ldap's own rules. `negated` is whether a no lets in. Throws a `ConfigError` for an argument that can't be parsed. */
export function compileHttpdRule(rule: HttpdRule, negated: boolean, warn: Warn): CompiledRule {
  switch (rule.type) {
    case "ldap-user":
      return compileLdapUser(rule.argument);
    case "ldap-attribute":
      return compileLdapAttribute(rule.argument);
    case "ldap-filter":
      return compileLdapFilter(rule.argument, warn);
    case "ldap-search":
      return compileLdapSearch(rule.argument, warn);
    case "ldap-dn":
      return compileLdapDn(rule.argument, rule.compareOnServer);
    case "ldap-group":
      return compileLdapGroup(rule, negated);
  }
}

/** `Require ldap-group`: the whole argument is one group's DN. */
function compileLdapGroup(
  rule: HttpdRule & { readonly type: "ldap-group" },
  negated: boolean,
): CompiledRule {
  const argument = prepareArgument(rule.argument);
  const isMember = prepareHttpdGroup(rule, negated);
  return aboutSubject(async (question) => {
    let group: string;
    try {
      group = dnOf(argument, question);
    } catch (error) {
      return withoutValue(error);
    }
    const { subject, course } = question;
    const decision = await isMember(group, subject, course.name, question);
    if (decision.outcome === "granted") course.authorize(subject);
    return decision;
  });
}
