import { escapeDnValue } from "../ldap/dn.ts";

/** As whom a name searches for itself: a DN, or whatever else the directory takes for one. */
export type InitialBind = (name: string) => string;

/**
 * AuthLDAPInitialBindPattern: where the pattern matches the name, the DN is `dn` with `$0` to `$9` filled in; where it does not, and
 * without a pattern, it is the bare name. What is filled in is escaped (RFC 4514), other than in httpd, unless it is the whole of `dn`.
 */
export function prepareInitialBind(pattern?: RegExp, dn = "$0"): InitialBind {
  if (pattern === undefined) return (name) => name;
  const isWhole = /^\$\d$/.test(dn);
  return (name) => {
    const match = pattern.exec(name);
    if (match === null) return name;
    return dn.replace(/\$(\d)/g, (_, digit: string) => {
      const text = match[Number(digit)] ?? "";
      return isWhole ? text : escapeDnValue(text);
    });
  };
}
