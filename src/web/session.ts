import type { Request } from "express";
import { within } from "./within.ts";

type Callback = (error?: unknown) => void;

/** What this package needs of an express-session. */
export interface WebSession {
  regenerate(done: Callback): void;
  save(done: Callback): void;
  destroy(done: Callback): void;
  [key: string]: unknown;
}

/** The session store failed, or did not answer. Nobody is signed in or out by this; answered with 503. */
export class SessionStoreError extends Error {
  override readonly name = "SessionStoreError";
}

/** The session of this request; undefined where express-session is not mounted before, or something else is. */
export function sessionOf(req: Request): WebSession | undefined {
  const { session } = req as unknown as { readonly session?: Partial<WebSession> | null };
  const isUsable =
    typeof session === "object" &&
    typeof session?.regenerate === "function" &&
    typeof session.save === "function" &&
    typeof session.destroy === "function";
  return isUsable ? (session as WebSession) : undefined;
}

/** What this package needs of a session store. */
export interface SessionStore {
  on?(event: "connect" | "disconnect", listener: () => void): void;
  off?(event: "connect" | "disconnect", listener: () => void): void;
  destroy?(id: string, done: Callback): void;
}

/** The store that express-session put on this request; undefined where it did not get that far. */
export function sessionStoreOf(req: Request): SessionStore | undefined {
  return (req as unknown as { readonly sessionStore?: SessionStore }).sessionStore;
}

/** The id of this request's session; empty where there is none. */
export function sessionIdOf(req: Request): string {
  return (req as unknown as { readonly sessionID?: string }).sessionID ?? "";
}

/** Takes a session out of a store, if that can be done. */
export function forgetSession(store: SessionStore, id: string): void {
  try {
    store.destroy?.(id, () => {});
  } catch {
    // Whoever wants this has made sure that nobody gets in with it.
  }
}

/** Gives the request a new, empty session under a new id; the old id is dead in the store. */
export function renewSession(req: Request, milliseconds: number): Promise<WebSession> {
  return step(milliseconds, "Renewing", (session, done) => session.regenerate(done), req);
}

/** Writes the session before the answer is sent, so that the next request meets it. */
export function saveSession(req: Request, milliseconds: number): Promise<WebSession> {
  return step(milliseconds, "Saving", (session, done) => session.save(done), req);
}

/** Takes the session away from the request, so that nothing writes it once more, and out of the store if that can be done. */
export function dropSession(req: Request): void {
  try {
    sessionOf(req)?.destroy(() => {});
  } catch {
    // The store has failed before: this is the second try at forgetting, and the caller already refuses.
  }
}

async function step(
  milliseconds: number,
  what: string,
  start: (session: WebSession, done: Callback) => void,
  req: Request,
): Promise<WebSession> {
  const late = () => new SessionStoreError(`${what} the session took too long.`);
  const work = new Promise<void>((resolve, reject) => {
    const fail = (cause: unknown) =>
      reject(new SessionStoreError(`${what} the session failed.`, { cause }));
    try {
      start(existing(req), (error) => (error ? fail(error) : resolve()));
    } catch (error) {
      fail(error);
    }
  });
  await within(milliseconds, work, late);
  return existing(req);
}

function existing(req: Request): WebSession {
  const session = sessionOf(req);
  if (session === undefined) throw new SessionStoreError("The session is gone.");
  return session;
}
