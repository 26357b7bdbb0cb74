import type { Request } from "express";
import { sessionOf } from "./session.ts";

interface Store {
  on(event: "connect" | "disconnect", listener: () => void): void;
}

/**
 * To be asked once for each request: tells whether a request has no session because the store is down. express-session lets requests pass without a session
 * while its store is disconnected, and an app that goes on after its read failed does the same: a signed-in person would
 * look like nobody.
 */
export function watchSessionStores(): (req: Request) => boolean {
  const watched = new WeakSet<Store>();
  const disconnected = new Set<Store>();

  return (req) => {
    const { sessionStore } = req as unknown as { readonly sessionStore?: Store };
    if (sessionStore && !watched.has(sessionStore) && typeof sessionStore.on === "function") {
      watched.add(sessionStore);
      sessionStore.on("disconnect", () => disconnected.add(sessionStore));
      sessionStore.on("connect", () => disconnected.delete(sessionStore));
    }
    if (sessionOf(req)) return false;
    return sessionStore !== undefined || disconnected.size > 0;
  };
}
