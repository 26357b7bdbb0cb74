import type { NextFunction, Request, Response } from "express";
import type { DirectoryHealth } from "./directory/directory.ts";
import {
  type ApacheConfig,
  type ApacheConfigOptions,
  readApacheConfig,
} from "./importers/apache/read-apache-config.ts";
import type { SkippedLine } from "./importers/apache/skipped-line.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./observation/metrics.ts";
import { createObserver } from "./observation/observer.ts";
import { openSites } from "./open-sites.ts";
import { checkKeys } from "./options/check.ts";
import { resolveLog } from "./options/resolve.ts";
import { refusePath } from "./web/as-httpd/answers-as-httpd.ts";
import { protectAsHttpd } from "./web/as-httpd/protect-as-httpd.ts";
import type { Site } from "./web/as-httpd/site.ts";
import { logFailure } from "./web/failure.ts";
import { logText } from "./web/log-text.ts";

/** What an Apache configuration protects, as one middleware. */
export interface ApacheProtection {
  (req: Request, res: Response, next: NextFunction): void;
  /** The lines that have nothing to do with access, or that this can do without; each with the reason. */
  readonly skipped: readonly SkippedLine[];
  /** The state of each directory that the configuration names; asks nobody. Names hosts: not for the public. */
  health(): readonly DirectoryHealth[];
  /** What happened so far, as plain numbers. See docs/events.md. */
  metrics(): Metrics;
  /** Refuses new work, waits for what is under way, and closes all connections to the directories. */
  close(): Promise<void>;
}

/** Options of `fromApacheConfig`. */
export interface FromApacheConfigOptions extends ApacheConfigOptions {
  /** Where records about logins and the directory go. Default: warnings and errors, as JSON lines on standard error. */
  readonly log?: Log;
}

/**
 * Protects an app as an Apache configuration would: the text of an httpd.conf, a virtual host or a .htaccess. Which sections apply to
 * which path, who has to log in and who may pass is decided as httpd decides it, apart from the list in docs/coming-from-apache.md.
 * Mounted with `app.use` before the routes. Throws a `ConfigError` that names the line of a directive that touches access
 * and can't be honoured exactly.
 */
export function fromApacheConfig(
  text: string,
  options: FromApacheConfigOptions = {},
): ApacheProtection {
  checkKeys(options, ["file", "serverRoot", "caseSensitive", "log"]);
  const { log: ownLog, ...reading } = options;
  const log = resolveLog(ownLog);
  const config = readApacheConfig(text, reading);
  if (config.accesses.length === 0) {
    const message = "This Apache configuration protects nothing.";
    log({ level: "warn", event: "nothing-protected", message });
  }
  const { observe, metrics } = createObserver();
  const sites = openSites(config.accesses, log, observe);

  function apacheProtection(req: Request, res: Response, next: NextFunction): void {
    let site: Site | "refuse" | undefined;
    try {
      const access = matchBoth(config.match, req.originalUrl, req.baseUrl + req.url);
      site = typeof access === "object" ? sites.of(access) : access;
    } catch (error) {
      // Sections that first meet at this path and can't be merged.
      logFailure(log, error);
      next(error);
      return;
    }
    if (site === "refuse") {
      const details = { path: logText(req.originalUrl) };
      const message = "A path was refused that this and an app's router may read differently.";
      log({ level: "info", event: "path-refused", message, details });
      refusePath(res);
    } else if (site === undefined) next();
    else protectAsHttpd(site, req, res, next);
  }

  return Object.assign(apacheProtection, {
    skipped: config.skipped,
    health: () => sites.health(),
    metrics,
    close: () => sites.close(),
  });
}

/** Where something before has changed the path: both must be open, and what guards them must be the same. */
function matchBoth(
  match: ApacheConfig["match"],
  sent: string,
  now: string,
): ReturnType<typeof match> {
  const first = match(sent);
  if (sent === now) return first;
  const second = match(now);
  if (first === undefined || second === undefined) return first ?? second;
  return first === second ? first : "refuse";
}
