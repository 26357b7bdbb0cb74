import type { Person } from "../authentication/person.ts";

/** One live login, as an index knows it. */
export interface IndexedLogin {
  /** The random name of the login, see `LoginRecord`. */
  readonly login: string;
  /** The session's id in the store. */
  readonly session: string;
}

/**
 * Knows by person and by name (`keysOf`) who has which logins, and which have ended, for all who share it. Each of these rejects with a
 * `SessionStoreError` where that can't be asked: a request whose login can't be looked up is not let in.
 */
export interface SessionIndex {
  /** Somebody has signed in. */
  add(person: Person, login: IndexedLogin): Promise<void> | void;
  /** A login has ended: it is not accepted any more, whatever the store still holds or gets written back. */
  end(person: Person, login: IndexedLogin): Promise<void> | void;
  /**
   * All logins under a key end that were begun until now (`Date.now()`), also those that the index does not know. Returns the ones that it does.
   */
  endAll(key: string, now: number): Promise<readonly IndexedLogin[]>;
  /** Whether a login of this person has ended, that was begun then (`Date.now()`). */
  hasEnded(person: Person, login: string, begunAt: number): Promise<boolean> | boolean;
}
