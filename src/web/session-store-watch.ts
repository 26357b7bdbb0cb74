import type { Request } from "express";
import { type SessionStore, sessionOf, sessionStoreOf } from "./session.ts";

/** Knows which session stores are disconnected. */
export interface SessionStoreWatch {
  /** Whether a request has no session because the store is down. To be asked once for each request. */
  lostItsSession(req: Request): boolean;
  /** Leaves no listener on any store, and adds none any more. */
  close(): void;
}

/**
 * Watches the stores that requests come with. express-session lets requests pass without a session while its store is
 * disconnected, and an app that goes on after its read failed does the same: a signed-in person would look like nobody.
 */
export function watchSessionStores(): SessionStoreWatch {
  const unwatch = new Map<SessionStore, () => void>();
  const disconnected = new Set<SessionStore>();
  let isClosed = false;

  function watch(store: SessionStore): void {
    if (isClosed || unwatch.has(store) || typeof store.on !== "function") return;
    const leave = () => disconnected.add(store);
    const come = () => disconnected.delete(store);
    store.on("disconnect", leave);
    store.on("connect", come);
    unwatch.set(store, () => {
      store.off?.("disconnect", leave);
      store.off?.("connect", come);
    });
  }

  return {
    lostItsSession(req) {
      const store = sessionStoreOf(req);
      if (store) watch(store);
      if (sessionOf(req)) return false;
      return store !== undefined || disconnected.size > 0;
    },
    close() {
      isClosed = true;
      for (const leave of unwatch.values()) leave();
      unwatch.clear();
    },
  };
}
