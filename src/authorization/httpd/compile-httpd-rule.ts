import { ConfigError } from "../../errors.ts";
import { attributeName, someTexts } from "../checked-arguments.ts";
import { prepareHttpdGroup } from "../groups/httpd-groups.ts";
import type { CompiledRule } from "../question.ts";
import type { HttpdGroupSettings, HttpdRule } from "../rule.ts";
import { prepareArgument, withoutValue } from "./argument.ts";
import { compileLdapAttribute, compileLdapUser } from "./compare-values.ts";
import type { Warn } from "./filter-argument.ts";
import { compileLdapDn, dnOf } from "./ldap-dn.ts";
import { compileLdapFilter, compileLdapSearch } from "./ldap-searches.ts";
import { aboutSubject } from "./subject-of.ts";

/** mod_authnz_ldap's own rules. `negated` is whether a no lets in. Throws a `ConfigError` for an argument that can't be parsed. */
export function compileHttpdRule(rule: HttpdRule, negated: boolean, warn: Warn): CompiledRule {
  if (typeof rule.argument !== "string") {
    throw new ConfigError(`A rule of type "${rule.type}" needs its argument, a text.`);
  }
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
  checkSettings(rule);
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

function checkSettings(rule: HttpdGroupSettings): void {
  for (const list of ["memberAttributes", "subGroupAttributes", "subGroupClasses"] as const) {
    for (const name of someTexts(rule[list], "ldap-group", list)) {
      attributeName(name, `ldap-group: ${list}`);
    }
  }
  const { maxSubGroupDepth, memberIsDn } = rule;
  if (!Number.isSafeInteger(maxSubGroupDepth) || maxSubGroupDepth < 0) {
    throw new ConfigError("ldap-group: maxSubGroupDepth is a whole number from 0 on.");
  }
  if (typeof memberIsDn !== "boolean") {
    throw new ConfigError("ldap-group: memberIsDn is true or false.");
  }
}
