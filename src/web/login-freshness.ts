import type { Changes } from "../authentication/changes.ts";
import { openLru } from "../lru.ts";
import type { LoginRecord } from "./login-record.ts";

/** Knows which logins were read before something changed. Times are milliseconds of `performance.now()`. */
export interface LoginFreshness {
  /** When the directory last changed as far as this person goes; 0 if that is not known. */
  changedAt(record: LoginRecord): number;
  /** Whether this process last asked about this very login before that. */
  isOlder(record: LoginRecord, changedAt: number): boolean;
  /** When the question was sent whose answer the login now holds. */
  note(login: string, askedAt: number): void;
}

/** The logins that were read last; who is pushed out is read once more. */
const MOST = 100_000;

/**
 * Compares no clocks of several processes: what another one has read, this one reads once more after a change. Nothing is kept or looked up as long as nothing
 * is known to have changed.
 */
export function createLoginFreshness(changes: Changes | undefined): LoginFreshness {
  const asked = openLru<number>(MOST);
  return {
    changedAt: ({ person }) => changes?.lastOf(person) ?? 0,
    isOlder: ({ login }, changedAt) => changedAt > 0 && (asked.get(login) ?? 0) <= changedAt,
    note(login, askedAt) {
      if (changes) asked.set(login, askedAt);
    },
  };
}
