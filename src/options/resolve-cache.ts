import type { LoginMemorySettings } from "../authentication/remembered-logins.ts";
import type { AuthnzLdapOptions } from "./authnz-ldap-options.ts";
import { checkKeys, wholeNumber } from "./check.ts";

/** What is remembered of logins and answers; false: nothing. */
export type CacheSettings = LoginMemorySettings | false;

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

/** Throws a `ConfigError` that names the option and the fix. */
export function resolveCache(option: AuthnzLdapOptions["cache"]): CacheSettings {
  if (option === false) return false;
  const cache = option ?? {};
  checkKeys(cache, ["ttl", "wrongPasswordTtl", "size"], "cache");
  return {
    ttl: wholeNumber(cache.ttl, 30 * SECOND, "cache.ttl", [0, HOUR]),
    wrongPasswordTtl: wholeNumber(cache.wrongPasswordTtl, 30 * SECOND, "cache.wrongPasswordTtl", [
      0,
      HOUR,
    ]),
    size: wholeNumber(cache.size, 10_000, "cache.size", [1, 1_000_000]),
  };
}
