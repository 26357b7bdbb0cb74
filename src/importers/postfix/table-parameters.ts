/**
 * What ldap_table(5) knows, under its own names. In a file all values are text; here numbers, `true` for `yes` and `false` for `no`, and lists may be
 * given as such, too.
 */
export interface TableParameters {
  /** Tried in this order: `host`, `host:port`, `[::1]:389`, `ldap://…`, `ldaps://…`, `ldapi://…`. Default: `localhost`. */
  readonly server_host?: string | readonly string[];
  /** For hosts that are no URLs and name none. Default: 389. */
  readonly server_port?: string | number;
  /** For connecting, and for each search, in seconds. Default: 10. */
  readonly timeout?: string | number;
  /** With `%s`, `%u`, `%d`, `%1` … `%9`. Default: none, the root of all. */
  readonly search_base?: string;
  /** The same. Default: `(mailacceptinggeneralid=%s)`. */
  readonly query_filter?: string;
  /** Default: `maildrop`. */
  readonly result_attribute?: string | readonly string[];
  /** What becomes of a value: lower case expansions take the value, the others the key. Default: `%s`. */
  readonly result_format?: string;
  /** Its obsolete name, used where `result_format` is absent or empty. */
  readonly result_filter?: string;
  /** Only keys in these domains are looked up; `!` before one excludes it, `/file` reads them from a file. Default: all. */
  readonly domain?: string | readonly string[];
  /** `sub`, `one` or `base`. Default: `sub`. */
  readonly scope?: string;
  /** `yes`, `simple`, `no`, `none` or `sasl`. Default: `yes`, with an empty `bind_dn` anonymous. */
  readonly bind?: string | boolean;
  readonly bind_dn?: string;
  readonly bind_pw?: string;
  readonly sasl_mechs?: string | readonly string[];
  readonly sasl_realm?: string;
  readonly sasl_authz_id?: string;
  readonly sasl_minssf?: string | number;
  /** Holds DNs or LDAP URLs that are followed. */
  readonly special_result_attribute?: string | readonly string[];
  /** If an entry has one, nothing else of it counts. */
  readonly terminal_result_attribute?: string | readonly string[];
  /** Counts only in entries without a special one. */
  readonly leaf_result_attribute?: string | readonly string[];
  /** How deep special attributes are followed. Default: 1000. */
  readonly recursion_limit?: string | number;
  /** The most values; 0 for no limit. Default: 0. */
  readonly expansion_limit?: string | number;
  /** The most entries of one search; 0 for no limit. Default: `expansion_limit`. */
  readonly size_limit?: string | number;
  /** 0 never, 1 when searching, 2 when finding the base, 3 always. Default: 0. */
  readonly dereference?: string | number;
  /** Default: no. */
  readonly chase_referrals?: string | boolean;
  /** 2 or 3. Default: 3. */
  readonly version?: string | number;
  /** Default: no. */
  readonly start_tls?: string | boolean;
  readonly tls_ca_cert_file?: string;
  readonly tls_ca_cert_dir?: string;
  readonly tls_cert?: string;
  readonly tls_key?: string;
  /** Default: no, which lets everybody on the way answer for the server. */
  readonly tls_require_cert?: string | boolean;
  /** Not needed: Node has randomness of its own. */
  readonly tls_random_file?: string;
  readonly tls_cipher_suite?: string;
  /** Ignored, as in Postfix. */
  readonly cache?: string | boolean;
  readonly cache_expiry?: string | number;
  readonly cache_size?: string | number;
  /** Not carried: the look-up says what it does by itself. */
  readonly debuglevel?: string | number;
}

/** What a value may be where it is not text. */
type Kind = "text" | "number" | "flag" | "list";

/** Every name, and what its values may be besides text. */
export const TABLE_PARAMETERS: Readonly<Record<keyof TableParameters, Kind>> = {
  server_host: "list",
  server_port: "number",
  timeout: "number",
  search_base: "text",
  query_filter: "text",
  result_attribute: "list",
  result_format: "text",
  result_filter: "text",
  domain: "list",
  scope: "text",
  bind: "flag",
  bind_dn: "text",
  bind_pw: "text",
  sasl_mechs: "list",
  sasl_realm: "text",
  sasl_authz_id: "text",
  sasl_minssf: "number",
  special_result_attribute: "list",
  terminal_result_attribute: "list",
  leaf_result_attribute: "list",
  recursion_limit: "number",
  expansion_limit: "number",
  size_limit: "number",
  dereference: "number",
  chase_referrals: "flag",
  version: "number",
  start_tls: "flag",
  tls_ca_cert_file: "text",
  tls_ca_cert_dir: "text",
  tls_cert: "text",
  tls_key: "text",
  tls_require_cert: "flag",
  tls_random_file: "text",
  tls_cipher_suite: "text",
  cache: "flag",
  cache_expiry: "number",
  cache_size: "number",
  debuglevel: "number",
};

/** The name of a parameter. */
export type ParameterName = keyof TableParameters;

/** Whether ldap_table(5) has it; letter case counts. */
export function isParameterName(name: string): name is ParameterName {
  return Object.hasOwn(TABLE_PARAMETERS, name);
}
