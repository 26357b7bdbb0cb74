import type { Filter } from "./filter.ts";

/** One server of an AuthLDAPURL. */
export interface LdapHost {
  /** Name or address; an IPv6 address without its brackets. */
  readonly host: string;
  readonly port: number;
}

/** What an AuthLDAPURL says, as httpd reads it. */
export interface AuthLdapUrl {
  readonly scheme: "ldap" | "ldaps" | "ldapi";
  /** In the order in which they are tried. Empty for ldapi. */
  readonly hosts: readonly LdapHost[];
  /** The path of the Unix socket (ldapi only). */
  readonly socketPath?: string;
  readonly base: string;
  /** As spelled in the URL, the login attribute first. Empty if the URL lists none. */
  readonly attributes: readonly string[];
  /** The first attribute, or `uid`. */
  readonly loginAttribute: string;
  readonly scope: "one" | "sub";
  /** ANDed with (loginAttribute=name); undefined where the URL says `none`. */
  readonly filter: Filter | undefined;
  /** The second argument. `ssl` is TLS from the first byte also on ldap://. */
  readonly connectionMode?: "none" | "ssl" | "starttls";
  /** What httpd accepts but hardly means what was written; for the log. */
  readonly warnings: readonly string[];
}

/** What `AuthLDAPURL` has where it names no filter: every entry has an objectClass. */
export const ANY_ENTRY: Filter = { type: "present", attribute: "objectClass" };

/**
 * The attributes that httpd makes variables of and `req.authenticated` shows: the listed ones as spelled there, without
 * `*` and `+`, which ask the directory for more but name nothing. `[]` if the URL lists none.
 */
export function exposedAttributes(url: AuthLdapUrl): readonly string[] {
  return url.attributes.filter((attribute) => attribute !== "*" && attribute !== "+");
}

/**
 * The filter that finds somebody by the name they typed, `(&(FILTER)(loginAttribute=name))`. The name is put in as
 * bytes: nothing in it can become filter syntax.
 */
export function loginFilter(url: AuthLdapUrl, name: string): Filter {
  const { filter, loginAttribute: attribute } = url;
  const named: Filter = { type: "equal", attribute, value: Buffer.from(name) };
  return filter === undefined ? named : { type: "and", filters: [filter, named] };
}
