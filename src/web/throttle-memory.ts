import { RateLimiterRedis } from "rate-limiter-flexible";
import { openLru } from "../lru.ts";
import { FAIL, FORGET, failuresOf, placesOf, step } from "./throttle-count.ts";
import {
  type Allowance,
  type Counter,
  counterOf,
  type Leaving,
  limiterOptions,
} from "./throttle-counter.ts";

const MOST_KEYS = 100_000;
/** So many that say nothing may stay: a key that comes again and again is not made anew each time. */
const IDLE_KEYS = 1_000;
/** How many of the oldest counts are looked at for the one to forget. */
const CANDIDATES = 20;

/** The counts of this process, a bounded number: junk names can't push out a name that is being guessed at. */
export interface Counts {
  get(key: string): Readonly<Count> | undefined;
  set(key: string, value: number, milliseconds: number): void;
}

interface Count {
  value: number;
  /** When it is over. */
  end: number;
}

/** `now` in milliseconds. */
export function createCounts(now: () => number, most: number = MOST_KEYS): Counts {
  const counts = openLru<Count>(most);

  function weightOf(key: string): number {
    const count = counts.peek(key);
    return count && count.end > now() ? placesOf(count.value) : 0;
  }

  /** Of the oldest the one that says least. Those that say more become young again. */
  function forgetOne(): void {
    const looked: string[] = [];
    let least = { key: "", weight: Number.POSITIVE_INFINITY };
    for (const key of counts.rkeys()) {
      const weight = weightOf(key);
      if (weight < least.weight) least = { key, weight };
      if (weight <= 1 || looked.push(key) === CANDIDATES) break;
    }
    for (const key of looked) counts.get(key);
    counts.delete(least.key);
  }

  /** The oldest goes if it says nothing, else becomes young. */
  function sweep(): void {
    const [oldest] = counts.rkeys();
    if (oldest === undefined) return;
    if (weightOf(oldest) === 0) counts.delete(oldest);
    else counts.get(oldest);
  }

  function makeRoom(): void {
    if (counts.size >= most) forgetOne();
    // One more than comes in, so that what says nothing goes in time.
    if (counts.size > IDLE_KEYS) for (let i = 0; i < 2; i++) sweep();
  }

  return {
    get(key) {
      const count = counts.peek(key);
      return count && count.end > now() ? count : undefined;
    },
    set(key, value, milliseconds) {
      const count = counts.get(key);
      if (!count) {
        makeRoom();
        counts.set(key, { value, end: now() + milliseconds });
        return;
      }
      if (count.value === 0 || count.end <= now()) count.end = now() + milliseconds;
      count.value = value;
    },
  };
}

/** A counter in this process. */
export interface OwnCounter extends Counter {
  /** How many wrong passwords it knows of. */
  failures(key: string): number;
  /** For how many milliseconds these are too many; undefined while they are not. */
  blockedFor(key: string): number | undefined;
  /** Notes how a try ended that had its place elsewhere. */
  note(key: string, how: Leaving): void;
}

/**
 * Several may share their counts, if their keys differ. The library's own limiter in memory has a timer for each key, and as many keys as there are
 * names; so this is its limiter for Redis, over counts that are kept here.
 */
export function createOwnCounter(
  allowance: Allowance,
  counts: Counts,
  now: () => number,
): OwnCounter {
  const { points, duration } = limiterOptions(allowance);

  function take(key: string, change: number): readonly [told: number, milliseconds: number] {
    const { kept, told } = step(counts.get(key)?.value ?? 0, change, points);
    counts.set(key, kept, duration * 1_000);
    const { end = 0 } = counts.get(key) ?? {};
    return [told, Math.max(0, end - now())];
  }

  const limiter = new RateLimiterRedis({
    points,
    duration,
    keyPrefix: "",
    useRedisPackage: true,
    storeClient: {
      eval: async (_script: string, { keys: [key], arguments: [change] }: StepToTake) =>
        take(key, Number(change)),
    },
  });
  return {
    ...counterOf(limiter, allowance, now),
    failures: (key) => failuresOf(counts.get(key)?.value ?? 0),
    blockedFor(key) {
      const count = counts.get(key);
      return count && failuresOf(count.value) >= allowance.most ? count.end - now() : undefined;
    },
    note(key, how) {
      if (how === "failed") take(key, FAIL);
      else if (how === "forgotten") take(key, FORGET);
    },
  };
}

interface StepToTake {
  readonly keys: readonly [string];
  readonly arguments: readonly [change: string, ...rest: string[]];
}
