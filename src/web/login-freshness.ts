import type { Changes } from "../authentication/changes.ts";
import { openLru } from "../lru.ts";
import type { LoginRecord } from "./login-record.ts";

/** Knows which logins were read before something changed. */
export interface LoginFreshness {
  /** When the directory last changed as far as this person goes, in milliseconds of `performance.now()`; 0 if that is not known. */
  changedAt(record: LoginRecord): number;
  /** Whether this process last asked about this very login before that. */
  isOlder(record: LoginRecord, changedAt: number): boolean;
  /**
   * When the question was sent (`performance.now()`) whose answer the login now holds. `checkedAt` is the record's: one that some slow request writes back
   * later holds an older answer.
   */
  note(login: string, askedAt: number, checkedAt: number): void;
}

interface Asked {
  readonly at: number;
  readonly checkedAt: number;
}

/** The logins that were read last; who is pushed out is read once more. */
const MOST = 100_000;

/**
 * Compares no clocks of several processes: what another one has read, this one reads once more after a change. Nothing is kept or looked up as long as nothing
 * is known to have changed.
 */
export function createLoginFreshness(changes: Changes | undefined): LoginFreshness {
  const asked = openLru<Asked>(MOST);
  return {
    changedAt: ({ person }) => changes?.lastOf(person) ?? 0,
    isOlder({ login, checkedAt }, changedAt) {
      if (changedAt === 0) return false;
      const last = asked.get(login);
      return last === undefined || last.at <= changedAt || checkedAt < last.checkedAt;
    },
    note(login, at, checkedAt) {
      if (changes) asked.set(login, { at, checkedAt });
    },
  };
}
