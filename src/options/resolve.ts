import { checkLevels, type Levels, levelsOfUrl } from "../authorization/level.ts";
import type { DirectorySettings } from "../directory/directory-settings.ts";
import { ConfigError } from "../errors.ts";
import { type AuthLdapUrl, exposedAttributes } from "../ldap/auth-ldap-url.ts";
import { parseAuthLdapUrl } from "../ldap/parse-auth-ldap-url.ts";
import { type Log, logToStandardError } from "../log.ts";
import type { WebSettings } from "../web/web-settings.ts";
import type { AuthnzLdapOptions } from "./authnz-ldap-options.ts";
import { checkKeys, wholeNumber } from "./check.ts";
import { resolveDirectory } from "./resolve-directory.ts";
import { resolveWeb } from "./resolve-web.ts";

/** The options, checked and with their defaults: everything that a request needs, known at start. */
export interface Settings {
  readonly url: AuthLdapUrl;
  /** The URL's attributes that the application gets to see. */
  readonly exposed: readonly string[];
  readonly levels: Levels | undefined;
  readonly timeout: number;
  readonly directory: DirectorySettings;
  readonly web: WebSettings;
  readonly log: Log;
}

const KNOWN = [
  ...["url", "bindDn", "bindPassword", "tls", "realm", "basic", "anonymous", "login", "session"],
  ...["levels", "throttle", "timeout", "connections", "log"],
];

/** Throws a `ConfigError` that names the option and the fix. */
export function resolveOptions(options: AuthnzLdapOptions): Settings {
  checkKeys(options, KNOWN);
  if (typeof options.url !== "string") {
    throw new ConfigError('url is missing: an AuthLDAPURL such as "ldap://host/dc=example?uid".', {
      option: "url",
    });
  }
  const log = resolveLog(options.log);
  const url = parseAuthLdapUrl(options.url);
  for (const message of url.warnings) log({ level: "warn", event: "url-warning", message });
  const timeout = wholeNumber(options.timeout, 5_000, "timeout", [100, 120_000]);
  if (options.levels !== undefined) checkKeys(options.levels, ["attribute", "pattern"], "levels");
  return {
    url,
    exposed: exposedAttributes(url),
    levels: options.levels ? checkLevels(options.levels) : levelsOfUrl(url),
    timeout,
    directory: resolveDirectory(options, url, timeout, log),
    web: resolveWeb(options),
    log,
  };
}

/** The application's log, kept from failing a request: a log that throws has lost a record, no more. */
function resolveLog(log: unknown): Log {
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
