import { LRUCache } from "lru-cache";

/** What was used last, by text. */
export type Lru<Value extends {}> = LRUCache<string, Value>;

/** When a value goes by itself, and who is told of one that goes. */
export interface LruOptions<Value extends {}> {
  /** Milliseconds. Default: it stays until others push it out. */
  readonly ttl?: number;
  readonly dispose?: LRUCache.Disposer<string, Value>;
}

/**
 * Remembers values and forgets those that were used longest ago when there are more than `most`. It takes memory for what it holds: with its `max`
 * lru-cache would take it at once for all that there may ever be.
 */
export function openLru<Value extends {}>(
  most: number,
  options: LruOptions<Value> = {},
): Lru<Value> {
  return new LRUCache<string, Value>({ maxSize: most, sizeCalculation: () => 1, ...options });
}
