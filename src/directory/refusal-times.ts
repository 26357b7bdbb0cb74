import { normalizeDn } from "../ldap/dn.ts";

/** How long the directory takes to check a password, so that a refusal that comes sooner can be held back. */
export interface RefusalTimes {
  /** A person's password was checked within so many milliseconds. */
  add(dn: string, milliseconds: number): void;
  /** For how many milliseconds a refusal that took so long is still to be held back. */
  missing(took: number): number;
}

/** People whose time is remembered, the latest ones. */
const MOST = 64;
/** A timer's grain: less than this can't be waited for, and would itself stand out. */
const LEAST = 2;

/**
 * Most of the time of a check is the server's hashing, which is missing where there is nobody or no password to check. Each
 * person counts once, so that nobody can make an account without a password look like the usual one by trying often.
 */
export function rememberRefusalTimes(): RefusalTimes {
  const times = new Map<string, number>();
  return {
    add(dn, milliseconds) {
      const key = normalizeDn(dn) ?? dn;
      times.delete(key);
      times.set(key, milliseconds);
      if (times.size > MOST) times.delete(times.keys().next().value ?? "");
    },
    missing(took) {
      const sorted = [...times.values()].sort((a, b) => a - b);
      const high = sorted[Math.floor(sorted.length * 0.75)] ?? 0;
      if (took >= high / 2 || high - took < LEAST) return 0;
      // A drawn one, so that what is held back spreads as the usual does.
      const usual = sorted.filter((time) => time >= high / 2);
      const drawn = usual[Math.floor(Math.random() * usual.length)] ?? high;
      return Math.max(0, drawn - took);
    },
  };
}
