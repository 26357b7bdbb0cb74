/** What is known of a setting. */
export interface AboutSetting {
  readonly byDefault?: string;
  /** Why it has no effect here. */
  readonly skipped?: string;
}

/** The name of a setting. */
export type SettingName =
  | "hosts"
  | "uris"
  | "dn"
  | "dnpass"
  | "auth_bind"
  | "auth_bind_userdn"
  | "tls"
  | "sasl_bind"
  | "sasl_mech"
  | "sasl_realm"
  | "sasl_authz_id"
  | "tls_ca_cert_file"
  | "tls_ca_cert_dir"
  | "tls_cert_file"
  | "tls_key_file"
  | "tls_cipher_suite"
  | "tls_require_cert"
  | "deref"
  | "scope"
  | "base"
  | "ldap_version"
  | "debug_level"
  | "ldaprc_path"
  | "user_attrs"
  | "user_filter"
  | "pass_attrs"
  | "pass_filter"
  | "iterate_attrs"
  | "iterate_filter"
  | "default_pass_scheme"
  | "userdb_warning_disable"
  | "blocking";

/**
 * The settings of a dovecot-ldap.conf.ext (Dovecot 2.3), and Dovecot's default where it has one. Those whose reason is told have no effect here on who can
 * sign in.
 */
export const SETTINGS: Readonly<Record<SettingName, AboutSetting>> = {
  hosts: {},
  uris: {},
  dn: {},
  dnpass: {},
  auth_bind: { byDefault: "no" },
  auth_bind_userdn: {},
  tls: { byDefault: "no" },
  sasl_bind: { byDefault: "no" },
  sasl_mech: { skipped: "it is of use with sasl_bind only" },
  sasl_realm: { skipped: "it is of use with sasl_bind only" },
  sasl_authz_id: { skipped: "it is of use with sasl_bind only" },
  tls_ca_cert_file: {},
  tls_ca_cert_dir: {},
  tls_cert_file: {},
  tls_key_file: {},
  tls_cipher_suite: {},
  tls_require_cert: {},
  deref: { byDefault: "never" },
  scope: { byDefault: "subtree" },
  base: {},
  ldap_version: { byDefault: "3" },
  debug_level: { skipped: "it is about Dovecot's log" },
  ldaprc_path: { byDefault: "" },
  user_attrs: { skipped: "it says where mail is kept, not who may sign in" },
  user_filter: { byDefault: "(&(objectClass=posixAccount)(uid=%u))" },
  pass_attrs: { byDefault: "uid=user,userPassword=password" },
  pass_filter: { byDefault: "(&(objectClass=posixAccount)(uid=%u))" },
  iterate_attrs: { skipped: "it is for lists of all users" },
  iterate_filter: { skipped: "it is for lists of all users" },
  default_pass_scheme: { byDefault: "CRYPT" },
  userdb_warning_disable: { skipped: "it is about Dovecot's log" },
  blocking: { skipped: "it is about Dovecot's processes" },
};
