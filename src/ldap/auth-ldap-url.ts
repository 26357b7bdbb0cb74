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
