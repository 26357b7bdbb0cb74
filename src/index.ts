// biome-ignore-all assist/source/organizeImports: grouped by task

// The middleware
export { type AuthnzLdap, authnzLdap } from "./authnz-ldap.ts";
export type {
  AuthnzLdapOptions,
  RestrictionOption,
  TlsOptions,
} from "./options/authnz-ldap-options.ts";
export {
  otherDirectory,
  type OtherDirectoryOptions,
  type OtherProvider,
  passwordFile,
} from "./options/other-provider.ts";

// An Apache configuration
export { apacheToTypeScript } from "./importers/apache/to-typescript.ts";
export {
  type ApacheProtection,
  fromApacheConfig,
  type FromApacheConfigOptions,
} from "./from-apache-config.ts";

// Tables of Postfix
export { ldapTable } from "./open-table.ts";
export type { LdapTable, LdapTableOptions, TableSearch } from "./tables/ldap-table.ts";
export type { TableSource } from "./importers/postfix/read-table.ts";
export type { TableParameters } from "./importers/postfix/table-parameters.ts";
export { addressKeys, type AddressKeys, type AddressKeysOptions } from "./tables/address-keys.ts";
export {
  requireRestriction,
  type RequireRestrictionOptions,
  type RestrictionGuard,
} from "./web/require-restriction.ts";
export type { Restriction } from "./tables/restriction.ts";

// A configuration of Dovecot
export {
  fromDovecotConfig,
  type DovecotConfigOptions,
} from "./importers/dovecot/from-dovecot-config.ts";
export type { DovecotNote } from "./importers/dovecot/setting.ts";

// Guards for routes
export type { Guard } from "./web/guard.ts";
export {
  requireAll,
  requireAllDenied,
  requireAllGranted,
  requireAny,
  requireAttribute,
  requireDn,
  requireEnv,
  requireExpr,
  requireFileGroup,
  requireFilter,
  requireGroup,
  requireIp,
  requireLevel,
  requireLocal,
  requireMethod,
  requireNone,
  requireRemoteUser,
  requireRule,
  requireSearch,
  requireUser,
  requireValidUser,
} from "./web/guards.ts";
export type { Levels } from "./authorization/level.ts";
export type { GroupSettings, Rule } from "./authorization/rule.ts";

// Why somebody may pass or not
export type { Decision, Outcome } from "./authorization/decision.ts";
export type { ExplainQuery } from "./authorization/explain.ts";
export type { OperationReport } from "./directory/directory.ts";

// Who is signed in
export type { Authenticated } from "./web/authenticated.ts";
export { type Environment, environment } from "./web/environment.ts";
export type { AttributeKeys } from "./ldap/attribute-keys.ts";
export type { Person } from "./authentication/person.ts";
export type {
  AuthenticationResult,
  Credentials,
  Mechanism,
  RefusalReason,
} from "./authentication/credentials.ts";

// Accounts and passwords
export type { AccountState, PasswordWarning } from "./directory/account-answer.ts";
export type { AccountTexts } from "./web/account-texts.ts";
export { passwordWarning } from "./web/password-warning.ts";

// Stored passwords
export { verifyPassword } from "./passwords/verify-password.ts";
export { hashPassword, type WrittenScheme } from "./passwords/hash-password.ts";
export type { PasswordCheck, PasswordRefusal, VerifyOptions } from "./passwords/password-check.ts";

// The login page
export type { LoginPage, LoginView } from "./web/views/login-view.ts";

// AuthLDAPURL
export type { AuthLdapUrl, LdapHost } from "./ldap/auth-ldap-url.ts";
export type { Filter } from "./ldap/filter.ts";
export { formatAuthLdapUrl } from "./ldap/format-auth-ldap-url.ts";
export { parseAuthLdapUrl } from "./ldap/parse-auth-ldap-url.ts";

// Seeing it work
export { subscribe } from "./observation/subscribe.ts";
export type { EventOf, EventType } from "./observation/channels.ts";
export type {
  CacheEvent,
  DecisionEvent,
  FailoverEvent,
  LdapEvent,
  LoginEvent,
  OperationEvent,
  PoolEvent,
  RefusalEvent,
  RestrictionEvent,
  RevocationEvent,
  WatchEvent,
} from "./events.ts";
export type { CacheMetrics, Metrics, OperationMetrics } from "./observation/metrics.ts";
export type { Histogram } from "./observation/histogram.ts";

// What went wrong
export { ConfigError, DirectoryError, type DirectoryErrorCode } from "./errors.ts";
export type { DirectoryHealth, ServerHealth } from "./directory/directory.ts";
export type { Log, LogRecord } from "./log.ts";
