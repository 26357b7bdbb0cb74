/**
 * Who may pass, as plain data: what a guard carries as its `rule`, so that it can be printed, composed, explained
 * and tested.
 */
export type Rule = PersonRule | RequestRule | HttpdRule | Connective;

/** Rules about who is signed in; with nobody signed in their answer is "no-user". */
export type PersonRule =
  | { readonly type: "valid-user" }
  | { readonly type: "user"; readonly names: readonly string[] }
  | { readonly type: "level"; readonly level: number | string }
  | ({ readonly type: "group"; readonly groups: readonly string[] } & GroupSettings)
  | { readonly type: "dn"; readonly dns: readonly string[] }
  | { readonly type: "attribute"; readonly attribute: string; readonly values: readonly string[] }
  | { readonly type: "filter"; readonly filter: string }
  | {
      readonly type: "search";
      readonly filter: string;
      readonly base?: string;
      readonly scope?: "base" | "one" | "sub";
    }
  /** httpd's `Require user`: exactly the name that the request goes by (REMOTE_USER), wherever it came from. */
  | { readonly type: "remote-user"; readonly names: readonly string[] }
  /** httpd's `Require group`: listed in an AuthGroupFile. */
  | { readonly type: "file-group"; readonly file: string; readonly groups: readonly string[] };

/** How groups list their members. */
export interface GroupSettings {
  /** Attributes that list members. Default: `member` and `uniqueMember` by DN, `memberUid` by name. */
  readonly memberAttributes?: readonly string[];
  /** Whether `memberAttributes` hold DNs (else names). Default: true. */
  readonly memberIsDn?: boolean;
  /**
   * How deep groups may lie in the named one: false for direct members only, a number of levels, or `"auto"` for whatever the
   * server can answer by itself. Default: false.
   */
  readonly nested?: false | number | "auto";
  /** Where a group lists its sub-groups. Default: `member` and `uniqueMember`. */
  readonly subGroupAttributes?: readonly string[];
  /**
   * The object classes of groups that are entered. Default: `groupOfNames`, `groupOfUniqueNames` and Active Directory's `group`;
   * with `"auto"` also `posixGroup`.
   */
  readonly subGroupClasses?: readonly string[];
}

/** Rules about the request, whoever sent it. */
export type RequestRule =
  /** httpd's `Require all granted` and `all denied`. */
  | { readonly type: "granted" }
  | { readonly type: "denied" }
  | { readonly type: "method"; readonly methods: readonly string[] }
  /** Addresses, networks (`10.1`, `10.1.0.0/16`, `10.1.0.0/255.255.0.0`, `2001:db8::/32`). */
  | { readonly type: "ip"; readonly addresses: readonly string[] }
  /** The client is this machine. */
  | { readonly type: "local" }
  /** At least one of these variables is set. */
  | { readonly type: "env"; readonly names: readonly string[] }
  /** An httpd expression that is true, see `src/expressions/`. */
  | { readonly type: "expr"; readonly expression: string };

/**
 * mod_authnz_ldap's own rules, to the letter. `argument` is what stands behind the type in a `Require` line: an httpd
 * expression string (`%{REMOTE_USER}`), whose substitutions are escaped for their place.
 */
export type HttpdRule =
  | {
      readonly type: "ldap-user" | "ldap-attribute" | "ldap-filter" | "ldap-search";
      readonly argument: string;
    }
  | {
      readonly type: "ldap-dn";
      readonly argument: string;
      /** AuthLDAPCompareDNOnServer. */
      readonly compareOnServer: boolean;
    }
  | ({ readonly type: "ldap-group"; readonly argument: string } & HttpdGroupSettings);

/** AuthLDAPGroupAttribute, AuthLDAPGroupAttributeIsDN, AuthLDAPSubGroupAttribute, AuthLDAPSubGroupClass, AuthLDAPMaxSubGroupDepth. */
export interface HttpdGroupSettings {
  readonly memberAttributes: readonly string[];
  readonly memberIsDn: boolean;
  readonly subGroupAttributes: readonly string[];
  readonly subGroupClasses: readonly string[];
  readonly maxSubGroupDepth: number;
}

export type Connective =
  | { readonly type: "all" | "any" | "none"; readonly rules: readonly Rule[] }
  /**
   * httpd's `Require not` and `<RequireNone>`: a yes of any of them is a no, else it is "neutral": it decides nothing. What could
   * not be asked is no "neutral" but "undecided", other than in httpd.
   */
  | { readonly type: "not"; readonly rules: readonly Rule[] }
  /** httpd's `<Limit>` and `<LimitExcept>`: for other methods the rule is granted in an "all" and neutral in an "any". */
  | {
      readonly type: "limit";
      readonly methods: readonly string[];
      readonly except: boolean;
      readonly rule: Rule;
    };
