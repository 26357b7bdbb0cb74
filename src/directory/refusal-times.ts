/** How long the directory takes to check a password, so that a refusal that comes sooner can be held back. */
export interface RefusalTimes {
  /** A person's password was checked within so many milliseconds. The DN is the directory's own spelling. */
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
      times.delete(dn);
      times.set(dn, milliseconds);
      if (times.size > MOST) times.delete(times.keys().next().value ?? "");
    },
    missing(took) {
      let most = 0;
      for (const time of times.values()) if (time > most) most = time;
      if (isUsual(took, most)) return 0;
      const sorted = [...times.values()].sort((a, b) => a - b);
      const high = sorted[Math.floor(sorted.length * 0.75)] ?? 0;
      if (isUsual(took, high)) return 0;
      // A drawn one, so that what is held back spreads as the usual does.
      const usual = sorted.filter((time) => time >= high / 2);
      const drawn = usual[Math.floor(Math.random() * usual.length)] ?? high;
      return Math.max(0, drawn - took);
    },
  };
}

function isUsual(took: number, high: number): boolean {
  return took >= high / 2 || high - took < LEAST;
}
