const MOST = 100_000;

/**
 * The logins that have ended in this process. A request that was under way while its visitor signed out holds the old
 * session, and express-session may write it back to the store when it is done: it must not come to life again.
 */
export interface EndedLogins {
  add(login: string): void;
  has(login: string): boolean;
}

/** Remembers the last 100,000. */
export function createEndedLogins(): EndedLogins {
  const ended = new Set<string>();
  return {
    add(login) {
      ended.add(login);
      if (ended.size > MOST) ended.delete(ended.keys().next().value ?? "");
    },
    has: (login) => ended.has(login),
  };
}
