import { escapeDnValue } from "../ldap/dn.ts";

/** As whom a name searches for itself: a DN, or whatever else the directory takes for one. */
export type InitialBind = (name: string) => string;

/** What the whole of the pattern matched in a name, and its groups; undefined or null where it does not match. */
export type MatchName = (name: string) => readonly (string | undefined)[] | null | undefined;

/**
 * AuthLDAPInitialBindPattern: where the pattern matches the name, the DN is `dn` with `$0` to `$9` filled in; where it does not, and
 * without a pattern, it is the bare name. What is filled in is escaped (RFC 4514), other than in httpd, unless it is the whole of `dn`.
 */
export function prepareInitialBind(matchName?: MatchName, dn = "$0"): InitialBind {
  if (matchName === undefined) return (name) => name;
  const isWhole = /^\$\d$/.test(dn);
  return (name) => {
    const match = matchName(name);
    if (!match) return name;
    return dn.replace(/\$(\d)/g, (_, digit: string) => {
      const text = match[Number(digit)] ?? "";
      return isWhole ? text : escapeDnValue(text);
    });
  };
}
