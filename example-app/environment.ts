import { randomBytes } from "node:crypto";

/** What the environment says of the directory, and of this server. */
export interface Environment {
  /** `LDAP_URL`: an AuthLDAPURL. Undefined: use the built-in directory. */
  readonly ldapUrl: string | undefined;
  /** `LDAP_BIND_DN`: the service account. Undefined: search anonymously. */
  readonly bindDn: string | undefined;
  /** `LDAP_BIND_PASSWORD_FILE`: a file that holds its password. */
  readonly bindPasswordFile: string | undefined;
  /** `LDAP_CA_FILE`: the certificate authorities to trust, in PEM. */
  readonly caFile: string | undefined;
  /** `HOST`. Default: `127.0.0.1`, as passwords should not cross a network without HTTPS before this server. */
  readonly host: string;
  /** `PORT`. Default: 3000. */
  readonly port: number;
  /** `SESSION_SECRET`. Default: a new one at each start, which ends all sessions. */
  readonly sessionSecret: string;
}

/** The one place that reads the environment; an empty variable counts as missing. Throws an `Error` that names what is wrong. */
export function readEnvironment(): Environment {
  // biome-ignore lint/style/noProcessEnv: how a shell tells an app; all else here gets values
  const env = process.env;
  const port = Number(env.PORT || 3000);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`PORT is a whole number from 0 to 65535, not ${JSON.stringify(env.PORT)}.`);
  }
  return {
    ldapUrl: env.LDAP_URL || undefined,
    bindDn: env.LDAP_BIND_DN || undefined,
    bindPasswordFile: env.LDAP_BIND_PASSWORD_FILE || undefined,
    caFile: env.LDAP_CA_FILE || undefined,
    host: env.HOST || "127.0.0.1",
    port,
    sessionSecret: env.SESSION_SECRET || randomBytes(32).toString("base64url"),
  };
}
