/** One live login, as an index knows it. */
export interface IndexedLogin {
  /** The random name of the login, see `LoginRecord`. */
  readonly login: string;
  /** The session's id in the store. */
  readonly session: string;
}

/**
 * Which logins a person has, and which logins have ended, for all processes that share it. Rejects with a `SessionStoreError`; a request whose
 * login can't be looked up is not let in.
 */
export interface SessionIndex {
  /** `person` is a key of somebody in a realm; it is forgotten after `lifetime` milliseconds. */
  add(person: string, login: IndexedLogin, lifetime: number): Promise<void>;
  /** The login has ended: it is not accepted any more, whatever the store still holds or gets written back. */
  end(person: string, login: string): Promise<void>;
  /** All logins of a person, which have then ended. */
  endAll(person: string): Promise<readonly IndexedLogin[]>;
  /** Whether a login has ended. */
  hasEnded(login: string): boolean | Promise<boolean>;
}
