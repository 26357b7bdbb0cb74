import { compileRule } from "../authorization/compile-rule.ts";
import type { Rule } from "../authorization/rule.ts";
import { ConfigError } from "../errors.ts";
import { type Guard, guard } from "./guard.ts";

/*
 * Guards are middleware and rules at once. What can't be a rule (an empty list, a wrong type, a DN or filter that can't be
 * parsed) is a ConfigError where the guard is made.
 */

/**
 * Who has a level: a number asks for that level or a higher one, `"MyWebApp_Level_2"` for that very value, and the pattern
 * `"MyWebApp_Level_*"` for any level.
 */
export function requireLevel(level: number | string): Guard {
  return guardFor({ type: "level", level });
}

/** Whoever is signed in (Apache's `Require valid-user`). */
export function requireValidUser(...none: readonly never[]): Guard {
  // app.get("/", requireValidUser) without the () would otherwise leave each request without an answer.
  if (none.length > 0)
    throw new ConfigError("requireValidUser is called without arguments: requireValidUser().");
  return guardFor({ type: "valid-user" });
}

/** One of these people, by the login attribute (Apache's `Require ldap-user`). */
export function requireUser(...names: readonly string[]): Guard {
  return guardFor({ type: "user", names });
}

/** A direct member of one of these groups, given by their DNs (Apache's `Require ldap-group`). */
export function requireGroup(...groups: readonly string[]): Guard {
  return guardFor({ type: "group", groups });
}

/** Whose entry has one of these DNs (Apache's `Require ldap-dn`). */
export function requireDn(...dns: readonly string[]): Guard {
  return guardFor({ type: "dn", dns });
}

/** Whose entry holds one of these values (Apache's `Require ldap-attribute`). */
export function requireAttribute(attribute: string, ...values: readonly string[]): Guard {
  return guardFor({ type: "attribute", attribute, values });
}

/** Whose entry matches an RFC 4515 filter (Apache's `Require ldap-filter`). */
export function requireFilter(filter: string): Guard {
  return guardFor({ type: "filter", filter });
}

/**
 * Passes where a search finds exactly one entry (Apache's `Require ldap-search`). Default: base and scope of the
 * AuthLDAPURL.
 */
export function requireSearch(
  filter: string,
  options: { readonly base?: string; readonly scope?: "base" | "one" | "sub" } = {},
): Guard {
  const { base, scope, ...unknown } = options;
  const [key] = Object.keys(unknown);
  if (key !== undefined) {
    throw new ConfigError(`requireSearch takes base and scope, not ${JSON.stringify(key)}.`);
  }
  return guardFor({
    type: "search",
    filter,
    ...(base === undefined ? {} : { base }),
    ...(scope === undefined ? {} : { scope }),
  });
}

/** Whom all of these guards let pass. */
export function requireAll(...guards: readonly Guard[]): Guard {
  return guardFor({ type: "all", rules: rulesOf(guards, "requireAll") });
}

/** Whom at least one of these guards lets pass. */
export function requireAny(...guards: readonly Guard[]): Guard {
  return guardFor({ type: "any", rules: rulesOf(guards, "requireAny") });
}

/** Whom none of these guards lets pass. What could not be asked is no reason to let in. */
export function requireNone(...guards: readonly Guard[]): Guard {
  return guardFor({ type: "none", rules: rulesOf(guards, "requireNone") });
}

function guardFor(rule: Rule): Guard {
  return guard(rule, compileRule(rule));
}

function rulesOf(guards: readonly Guard[], name: string): readonly Rule[] {
  return guards.map((each) => {
    const rule: unknown = typeof each === "function" ? each.rule : undefined;
    if (typeof rule === "object" && rule !== null) return rule as Rule;
    throw new ConfigError(`${name} takes guards such as requireLevel(2).`);
  });
}
