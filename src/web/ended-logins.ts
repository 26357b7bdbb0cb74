import type { Request } from "express";
import { type SessionStore, sessionStoreOf } from "./session.ts";

const MOST = 100_000;

/**
 * The logins that have ended in this process. A request that was under way while its visitor signed out holds the old
 * session, and express-session may write it back to the store when it is done: it must not come to life again.
 */
export interface EndedLogins {
  add(login: string): void;
  has(login: string): boolean;
}

// Keyed by the session store: whoever accepts its sessions has to know.
const endedByStore = new WeakMap<object, EndedLogins>();
const NO_STORE: SessionStore = {};

/** Those of the request's session store, shared by all that use it. Remembers the last 100,000. */
export function endedLoginsOf(req: Request): EndedLogins {
  return endedLoginsIn(sessionStoreOf(req) ?? NO_STORE);
}

/** Those of a session store. */
export function endedLoginsIn(store: SessionStore): EndedLogins {
  const known = endedByStore.get(store);
  if (known !== undefined) return known;
  const ended = createEndedLogins();
  endedByStore.set(store, ended);
  return ended;
}

function createEndedLogins(): EndedLogins {
  const ended = new Set<string>();
  return {
    add(login) {
      ended.add(login);
      if (ended.size > MOST) ended.delete(ended.keys().next().value ?? "");
    },
    has: (login) => ended.has(login),
  };
}
