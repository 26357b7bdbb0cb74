import { randomBytes } from "node:crypto";
// In your own project, this is "express-authnz-ldap".
import type { Mechanism } from "../src/index.ts";

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
  /** `LDAP_CA`: the same as text, as one process of several hands it to the others. */
  readonly ca: string | undefined;
  /** `LDAP_PASSWORD_CHANGE=1`: people may change their password; needs TLS to the directory. Default: they may in the built-in one. */
  readonly passwordChange: boolean;
  /** `MAIL_LDAP_SERVER`: `ldap://host:port`, where the users of example-app/mail are. Default: in the built-in directory, if that is used; else there is no mail. */
  readonly mailServer: string | undefined;
  /** `MECHANISM`: how mail users sign in: `plain`, `cram-md5` or `scram-sha-256`. Default: `plain`. */
  readonly mechanism: Mechanism;
  /** `HOST`. Default: `127.0.0.1`, as passwords should not cross a network without HTTPS before this server. */
  readonly host: string;
  /** `PORT`. Default: 3000. */
  readonly port: number;
  /** `SESSION_SECRET`. Default: a new one at each start, which ends all sessions. */
  readonly sessionSecret: string;
  /** `REDIS_URL`: where sessions are kept. Undefined: in memory, which ends all sessions at each start. */
  readonly redisUrl: string | undefined;
  /** `WORKERS`: how many processes share the port. More than one need `REDIS_URL`. Default: 1. */
  readonly workers: number;
}

const MOST_WORKERS = 64;
const MECHANISMS: readonly Mechanism[] = ["plain", "cram-md5", "scram-sha-256"];

/** The one place that reads the environment; an empty variable counts as missing. Throws an `Error` that names what is wrong. */
export function readEnvironment(): Environment {
  // biome-ignore lint/style/noProcessEnv: how a shell tells an app; all else here gets values
  const env = process.env;
  const port = wholeNumber("PORT", env.PORT || "3000", [0, 65_535]);
  const workers = wholeNumber("WORKERS", env.WORKERS || "1", [1, MOST_WORKERS]);
  const redisUrl = env.REDIS_URL || undefined;
  if (workers > 1 && redisUrl === undefined) {
    throw new Error("WORKERS share sessions through Redis: set REDIS_URL=redis://127.0.0.1:6379.");
  }
  if (redisUrl !== undefined && !/^rediss?:\/\//.test(redisUrl)) {
    throw new Error("REDIS_URL is a URL such as redis://127.0.0.1:6379.");
  }
  return {
    ldapUrl: env.LDAP_URL || undefined,
    bindDn: env.LDAP_BIND_DN || undefined,
    bindPasswordFile: env.LDAP_BIND_PASSWORD_FILE || undefined,
    caFile: env.LDAP_CA_FILE || undefined,
    ca: env.LDAP_CA || undefined,
    passwordChange: env.LDAP_PASSWORD_CHANGE === "1",
    mailServer: env.MAIL_LDAP_SERVER || undefined,
    mechanism: mechanismOf(env.MECHANISM || "plain"),
    host: env.HOST || "127.0.0.1",
    port,
    sessionSecret: env.SESSION_SECRET || randomBytes(32).toString("base64url"),
    redisUrl,
    workers,
  };
}

function mechanismOf(name: string): Mechanism {
  const mechanism = MECHANISMS.find((each) => each === name);
  if (mechanism !== undefined) return mechanism;
  throw new Error(`MECHANISM is one of ${MECHANISMS.join(", ")}.`);
}

function wholeNumber(name: string, text: string, [least, most]: readonly [number, number]): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new Error(
    `${name} is a whole number from ${least} to ${most}, not ${JSON.stringify(text)}.`,
  );
}
