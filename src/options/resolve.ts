import { checkLevels, type Levels, levelsOfUrl } from "../authorization/level.ts";
import { ConfigError } from "../errors.ts";
import { type Log, logToStandardError } from "../log.ts";
import type { WebSettings } from "../web/web-settings.ts";
import type { AuthnzLdapOptions } from "./authnz-ldap-options.ts";
import { checkKeys } from "./check.ts";
import { type CacheSettings, resolveCache } from "./resolve-cache.ts";
import { LDAP_OPTIONS, type LdapSettings, resolveLdap } from "./resolve-ldap.ts";
import { type OtherSettings, resolveOtherProviders } from "./resolve-other-providers.ts";
import { type RestrictionSettings, resolveRestrictions } from "./resolve-restrictions.ts";
import { resolveWeb } from "./resolve-web.ts";

/** The options, checked and with their defaults: everything that a request needs, known at start. */
export interface Settings {
  readonly ldap: LdapSettings;
  readonly others: readonly OtherSettings[];
  readonly levels: Levels | undefined;
  readonly web: WebSettings;
  readonly cache: CacheSettings;
  /** Whether changes in the directory are followed. */
  readonly watches: boolean;
  /** Makes the salt of names that nobody has; undefined where SCRAM is not offered, or a random one will do. */
  readonly scramSecret: string | undefined;
  /** Tables that may refuse somebody. */
  readonly restrictions: readonly RestrictionSettings[];
  readonly log: Log;
}

const KNOWN = [
  ...LDAP_OPTIONS,
  ...["realm", "basic", "anonymous", "login", "session", "levels", "throttle", "otherProviders"],
  ...[
    "cache",
    "watch",
    "redis",
    "texts",
    "passwordChange",
    "mechanisms",
    "scramSecret",
    "requireTls",
    "restrictions",
  ],
  "log",
];

/** Throws a `ConfigError` that names the option and the fix. */
export function resolveOptions(options: AuthnzLdapOptions): Settings {
  checkKeys(options, KNOWN);
  const log = resolveLog(options.log);
  const ldap = resolveLdap(options, log);
  if (options.basic === false && (ldap.searchAsUser || ldap.compareAsUser)) {
    throw new ConfigError(
      "searchAsUser and compareAsUser need the password with each request, which only HTTP Basic sends: leave basic: false out.",
      { option: ldap.searchAsUser ? "searchAsUser" : "compareAsUser" },
    );
  }
  if (options.levels !== undefined) checkKeys(options.levels, ["attribute", "pattern"], "levels");
  return {
    ldap,
    others: resolveOtherProviders(options.otherProviders, log),
    levels: options.levels ? checkLevels(options.levels) : levelsOfUrl(ldap.url),
    web: resolveWeb(options),
    cache: resolveCache(options.cache),
    watches: resolveWatch(options.watch),
    scramSecret: options.scramSecret,
    restrictions: resolveRestrictions(options.restrictions),
    log,
  };
}

function resolveWatch(option: unknown): boolean {
  if (option === undefined || option === "auto") return true;
  if (option === false) return false;
  throw new ConfigError('watch must be "auto" or false.', { option: "watch" });
}

/** The application's log, kept from failing a request: a log that throws has lost a record, no more. */
export function resolveLog(log: unknown): Log {
  if (log === undefined) return logToStandardError;
  if (typeof log !== "function") {
    throw new ConfigError("log must be a function.", { option: "log" });
  }
  const failed = (error: unknown) => {
    logToStandardError({
      level: "error",
      event: "log-failed",
      message: error instanceof Error ? error.name : "The log function failed.",
    });
  };
  return (record) => {
    try {
      // An async function is allowed too, and its rejection would end the process.
      Promise.resolve(log(record)).catch(failed);
    } catch (error) {
      failed(error);
    }
  };
}
