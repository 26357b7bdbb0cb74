import { ConfigError } from "../errors.ts";
import type { WebSettings } from "../web/web-settings.ts";
import type { AuthnzLdapOptions } from "./authnz-ldap-options.ts";
import { checkKeys, flag, text, wholeNumber } from "./check.ts";
import { resolveMechanisms } from "./resolve-passwords.ts";
import { resolveRedis } from "./resolve-redis.ts";
import { resolveTexts } from "./resolve-texts.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const WEEK = 7 * 24 * HOUR;

/** The options that concern visitors: the answers, the login form, sessions, throttling. */
export function resolveWeb(options: Partial<AuthnzLdapOptions>): WebSettings {
  const { anonymous = "refuse", login = {}, session = {}, throttle = {} } = options;
  if (anonymous !== "refuse" && anonymous !== "allow") {
    throw new ConfigError('anonymous must be "refuse" or "allow".', { option: "anonymous" });
  }
  const pages = resolveLogin(login);
  const mechanisms = resolveMechanisms(options);
  return {
    realmName: realmName(options.realm),
    basic: flag(options.basic, true, "basic"),
    anonymous,
    mechanisms,
    requireTls: resolveRequireTls(options.requireTls),
    login: pages,
    passwordChange: resolvePasswordChange(options.passwordChange, pages),
    texts: resolveTexts(options.texts),
    session: resolveSession(session),
    throttle: resolveThrottle(throttle),
    redis: resolveRedis(options.redis),
  };
}

function resolveRequireTls(requireTls: unknown = "loopback-or-tls"): WebSettings["requireTls"] {
  if (typeof requireTls === "boolean" || requireTls === "loopback-or-tls") return requireTls;
  throw new ConfigError('requireTls must be true, false or "loopback-or-tls".', {
    option: "requireTls",
  });
}

/** Goes into a header: RFC 9110 section 5.5 allows no control characters there, and Node no letters beyond Latin-1. */
function realmName(realm: unknown): string {
  const name = text(realm, "realm") ?? "Sign in";
  if (/^[\x20-\x7e\xa0-\xff]+$/.test(name)) return name;
  throw new ConfigError("realm must be plain Latin text without control characters.", {
    option: "realm",
  });
}

function resolveLogin(login: NonNullable<AuthnzLdapOptions["login"]>): WebSettings["login"] {
  checkKeys(login, ["path", "logoutPath", "view"], "login");
  const path = sitePath(login.path, "/login", "login.path");
  const logoutPath = sitePath(login.logoutPath, "/logout", "login.logoutPath");
  if (path === logoutPath) {
    throw new ConfigError("login.path and login.logoutPath must differ.", { option: "login.path" });
  }
  const { view } = login;
  if (view !== undefined && typeof view !== "function") {
    throw new ConfigError("login.view must be a function that returns HTML.", {
      option: "login.view",
    });
  }
  return { path, logoutPath, view };
}

function resolvePasswordChange(
  option: AuthnzLdapOptions["passwordChange"],
  { path: loginPath, logoutPath }: WebSettings["login"],
): WebSettings["passwordChange"] {
  const isFlag = option === undefined || typeof option === "boolean";
  if (isFlag && option !== true) return false;
  if (!isFlag) checkKeys(option, ["path"], "passwordChange");
  const path = sitePath(isFlag ? undefined : option.path, "/password", "passwordChange.path");
  if (path !== loginPath && path !== logoutPath) return { path };
  throw new ConfigError(
    "passwordChange.path must differ from login.path and from login.logoutPath.",
    { option: "passwordChange.path" },
  );
}

function sitePath(value: unknown, fallback: string, option: string): string {
  const path = text(value, option) ?? fallback;
  if (/^(\/[\w.~-]+)+$/.test(path) && !/\/\.{1,2}(\/|$)/.test(path)) return path;
  throw new ConfigError(`${option} must be a path such as "${fallback}".`, { option });
}

function resolveSession(
  session: NonNullable<AuthnzLdapOptions["session"]>,
): WebSettings["session"] {
  checkKeys(session, ["revalidateAfter", "idleTimeout", "absoluteTimeout", "staleFor"], "session");
  const { revalidateAfter, idleTimeout, absoluteTimeout, staleFor } = session;
  const range = [SECOND, WEEK] as const;
  return {
    revalidateAfter: wholeNumber(revalidateAfter, MINUTE, "session.revalidateAfter", [0, HOUR]),
    staleFor: wholeNumber(staleFor, 0, "session.staleFor", [0, 24 * HOUR]),
    idleTimeout: wholeNumber(idleTimeout, 30 * MINUTE, "session.idleTimeout", range),
    absoluteTimeout: wholeNumber(absoluteTimeout, 12 * HOUR, "session.absoluteTimeout", range),
  };
}

function resolveThrottle(
  throttle: NonNullable<AuthnzLdapOptions["throttle"]>,
): WebSettings["throttle"] {
  if (throttle === false) return false;
  checkKeys(throttle, ["failures", "window"], "throttle");
  return {
    failures: wholeNumber(throttle.failures, 5, "throttle.failures", [1, 1_000_000]),
    window: wholeNumber(throttle.window, 5 * MINUTE, "throttle.window", [SECOND, WEEK]),
  };
}
