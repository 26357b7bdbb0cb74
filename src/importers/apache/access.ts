import type { Rule } from "../../authorization/rule.ts";
import type { AuthnzLdapOptions } from "../../options/authnz-ldap-options.ts";

/** What a configuration says about the requests for one set of paths, all its sections merged: plain data. */
export interface Access {
  /** `none` switches authentication off (AuthType None). Undefined where no AuthType is given. */
  readonly authType: "basic" | "none" | undefined;
  readonly authName: string | undefined;
  /** Asked in turn (AuthBasicProvider). */
  readonly providers: readonly AccessProvider[];
  /** AuthBasicAuthoritative; off makes a name that no provider knows an error (500), as there is nobody else to ask. */
  readonly authoritative: boolean;
  /** The section's own directory: what the ldap-* rules ask, and the `ldap` provider; undefined without AuthLDAPURL. */
  readonly ldap: LdapAccess | undefined;
  /** Undefined where there is no Require: nothing is asked, everybody passes. */
  readonly rule: Rule | undefined;
  /** AuthzSendForbiddenOnFailure. */
  readonly sendForbidden: boolean;
  /** Satisfy Any: the host rules or the user rules; its rule is already part of `rule`. */
  readonly environment: readonly EnvironmentStep[];
  /** AuthLDAPCharsetConfig: a language tag to a charset, in the file's order. */
  readonly charsets: readonly (readonly [language: string, charset: string])[];
}

export type AccessProvider =
  | { readonly kind: "ldap"; readonly name: string; readonly ldap: LdapAccess }
  | { readonly kind: "file"; readonly name: string; readonly file: string };

/** The AuthLDAP* and LDAP* directives, as options of `authnzLdap`, and what only httpd has. */
export interface LdapAccess {
  readonly options: Pick<
    AuthnzLdapOptions,
    | "url"
    | "bindDn"
    | "bindPassword"
    | "tls"
    | "timeout"
    | "connections"
    | "dereferenceAliases"
    | "referrals"
    | "bindAuthoritative"
    | "initialBindAsUser"
    | "searchAsUser"
    | "compareAsUser"
    | "remoteUser"
    | "authorizePrefix"
    | "anonymousBind"
  >;
  /** What the URL lists with blanks in it: no entry has such an attribute, and httpd sets its variable to empty text. */
  readonly blankAttributes?: readonly string[];
  /** Whether LDAP_BINDASUSER is set to the DN that AuthLDAPInitialBindPattern made. */
  readonly bindsAs?: boolean;
}

/** SetEnv, UnsetEnv, SetEnvIf, SetEnvIfNoCase, SetEnvIfExpr, BrowserMatch: in the order in which httpd runs them. */
export type EnvironmentStep =
  | { readonly when: "late"; readonly set: readonly (readonly [string, string])[] }
  | { readonly when: "late"; readonly unset: readonly string[] }
  | {
      readonly when: "early";
      /** What is looked at: a header, `Request_URI`, `Remote_Addr`, `Request_Method`, … or an expression. */
      readonly of: string | { readonly expression: string };
      readonly pattern?: { readonly source: string; readonly ignoreCase: boolean };
      /** `NAME`, `!NAME` or `NAME=value` with `$1`. */
      readonly assignments: readonly string[];
    };
