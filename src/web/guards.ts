import { compileRule } from "../authorization/compile-rule.ts";
import type { GroupSettings, Rule } from "../authorization/rule.ts";
import { ConfigError } from "../errors.ts";
import { frozenRule } from "./frozen-rule.ts";
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
  return guardFor(withoutArguments({ type: "valid-user" }, none, "requireValidUser"));
}

/** One of these people, by the login attribute (Apache's `Require ldap-user`). */
export function requireUser(...names: readonly string[]): Guard {
  return guardFor({ type: "user", names });
}

/**
 * A member of one of these groups, given by their DNs (Apache's `Require ldap-group`). How groups list their members may come
 * last: `requireGroup("cn=admins,dc=example,dc=org", { nested: "auto" })`. Default: direct members in the usual attributes.
 */
export function requireGroup(...groups: readonly string[]): Guard;
export function requireGroup(...groups: readonly [...string[], GroupSettings]): Guard;
export function requireGroup(...args: readonly (string | GroupSettings)[]): Guard {
  const last = args.at(-1);
  const settings = typeof last === "object" && last !== null && !Array.isArray(last) ? last : {};
  const unknown = Object.keys(settings).find((key) => !GROUP_SETTINGS.has(key));
  if (unknown !== undefined) {
    const known = [...GROUP_SETTINGS].join(", ");
    throw new ConfigError(`requireGroup takes ${known}, not ${JSON.stringify(unknown)}.`);
  }
  const groups = (settings === last ? args.slice(0, -1) : args) as readonly string[];
  return guardFor({ ...settings, type: "group", groups });
}

const GROUP_SETTINGS: ReadonlySet<string> = new Set([
  "memberAttributes",
  "memberIsDn",
  "nested",
  "subGroupAttributes",
  "subGroupClasses",
] satisfies readonly (keyof GroupSettings)[]);

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

/** Whose request goes by one of these names, byte for byte: `REMOTE_USER` of `environment(req)` (Apache's `Require user`). */
export function requireRemoteUser(...names: readonly string[]): Guard {
  return guardFor({ type: "remote-user", names });
}

/** Whom an AuthGroupFile lists in one of these groups (Apache's `Require group`). It is read again when it changes. */
export function requireFileGroup(file: string, ...groups: readonly string[]): Guard {
  return guardFor({ type: "file-group", file, groups });
}

/*
 * The following are about the request, whoever sent it: they answer also while nobody is signed in, which takes
 * `anonymous: "allow"`.
 */

/**
 * Requests from these addresses and networks: `10.1.2.3`, `10.1`, `10.1.0.0/16`, `10.1.0.0/255.255.0.0`, `2001:db8::/32` (Apache's
 * `Require ip`). The client's address is Express' `req.ip`: behind a proxy, set `trust proxy`.
 */
export function requireIp(...addresses: readonly string[]): Guard {
  return guardFor({ type: "ip", addresses });
}

/** Requests from this machine itself (Apache's `Require local`). Behind a proxy on it, that is everybody, unless `trust proxy` is set. */
export function requireLocal(...none: readonly never[]): Guard {
  return guardFor(withoutArguments({ type: "local" }, none, "requireLocal"));
}

/** Requests with one of these methods (Apache's `Require method`). Letter case counts; GET means HEAD too. */
export function requireMethod(...methods: readonly string[]): Guard {
  return guardFor({ type: "method", methods });
}

/** Requests for which one of these variables is set, see `environment` (Apache's `Require env`). */
export function requireEnv(...names: readonly string[]): Guard {
  return guardFor({ type: "env", names });
}

/** Requests for which an expression of Apache's ap_expr is true (Apache's `Require expr`): `%{REQUEST_URI} =~ m#^/public/#`. */
export function requireExpr(expression: string): Guard {
  return guardFor({ type: "expr", expression });
}

/** All requests (Apache's `Require all granted`). */
export function requireAllGranted(...none: readonly never[]): Guard {
  return guardFor(withoutArguments({ type: "granted" }, none, "requireAllGranted"));
}

/** No request (Apache's `Require all denied`). */
export function requireAllDenied(...none: readonly never[]): Guard {
  return guardFor(withoutArguments({ type: "denied" }, none, "requireAllDenied"));
}

/** A guard from plain data, such as another guard's `rule` that was stored as JSON. */
export function requireRule(rule: Rule): Guard {
  return guardFor(rule);
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
  const kept = frozenRule(rule);
  return guard(kept, compileRule(kept));
}

/** app.get("/", requireValidUser) without the () would otherwise leave each request without an answer. */
function withoutArguments(rule: Rule, none: readonly never[], name: string): Rule {
  if (none.length === 0) return rule;
  throw new ConfigError(`${name} is called without arguments: ${name}().`);
}

function rulesOf(guards: readonly Guard[], name: string): readonly Rule[] {
  return guards.map((each) => {
    const rule: unknown = typeof each === "function" ? each.rule : undefined;
    if (typeof rule === "object" && rule !== null) return rule as Rule;
    throw new ConfigError(`${name} takes guards such as requireLevel(2).`);
  });
}
