import type { Request } from "express";
import { prepareAskRedis } from "../ask-redis.ts";
import type { RedisSettings } from "../redis-client.ts";
import { SessionStoreError, sessionStoreOf } from "../session.ts";
import { LIFETIME } from "./challenge-record.ts";

/** For so long it is remembered, in milliseconds: the clock of another process may say that it is not over yet. */
const REMEMBERED = 2 * LIFETIME;

/**
 * Uses a challenge up: true for the first who asks, and false from then on. Two requests at once hold the same session, and one that was
 * under way may write it back with the challenge in it. Rejects with a `SessionStoreError` where Redis (`redis`) can't be asked.
 */
export type UseUp = (req: Request, id: string) => Promise<boolean>;

/** With Redis for all processes that share it, without for this one. */
export function prepareUseUp(redis: RedisSettings | undefined): UseUp {
  if (redis === undefined) return async (req, id) => useUpHere(req, id);
  const ask = prepareAskRedis(redis.client);
  const milliseconds = String(REMEMBERED);
  return async (_req, id) => {
    const key = `${redis.prefix}challenge:${id}`;
    const answer = await ask("SET", key, "used", "NX", "PX", milliseconds);
    if (answer === null) return false;
    if (String(answer) === "OK") return true;
    throw new SessionStoreError("What Redis says of a challenge can't be read.");
  };
}

// Keyed by the session store: whoever takes its sessions has to know. Each until it could not be answered any more.
const usedByStore = new WeakMap<object, Map<string, number>>();
const NO_STORE = {};

function useUpHere(req: Request, id: string): boolean {
  const store = sessionStoreOf(req) ?? NO_STORE;
  const used = usedByStore.get(store) ?? new Map<string, number>();
  usedByStore.set(store, used);
  const now = performance.now();
  for (const [each, until] of used) {
    if (until > now) break;
    used.delete(each);
  }
  if (used.has(id)) return false;
  used.set(id, now + REMEMBERED);
  return true;
}
