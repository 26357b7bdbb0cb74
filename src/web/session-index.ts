/** One live login, as an index knows it. */
export interface IndexedLogin {
  /** The random name of the login, see `LoginRecord`. */
  readonly login: string;
  /** The session's id in the store. */
  readonly session: string;
}

/**
 * Knows by name who has which logins, and which have ended, for all who share it. Each of these rejects with a `SessionStoreError` where that can't be
 * asked: a request whose login can't be looked up is not let in.
 */
export interface SessionIndex {
  /** Somebody has signed in. */
  add(username: string, login: IndexedLogin): Promise<void> | void;
  /** A login has ended: it is not accepted any more, whatever the store still holds or gets written back. */
  end(username: string, login: string): Promise<void> | void;
  /**
   * All logins of a name end that were begun until now (`Date.now()`), also those that the index does not know. Returns the ones that it does.
   */
  endAll(username: string, now: number): Promise<readonly IndexedLogin[]>;
  /** Whether a login has ended, that somebody of this name began then (`Date.now()`). */
  hasEnded(username: string, login: string, begunAt: number): Promise<boolean> | boolean;
}
