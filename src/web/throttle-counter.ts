import { type RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import type { Deadline } from "../directory/deadline.ts";
import { FAIL, FORGET, GIVE_BACK, placesOf, pointsFor, TAKE } from "./throttle-count.ts";

/** How a try leaves its place: its wrong password is counted; or all of the key are forgotten; or it counts for nothing. */
export type Leaving = "failed" | "forgotten" | "given-back";

/** A place that a try holds. */
export interface Place {
  readonly outcome: "placed";
  /** Once. The milliseconds for which the key is blocked from now on, or undefined. */
  leave(how: Leaving): Promise<number | undefined>;
}

/** A place; or none is free because of tries under way; or the key is blocked for so many milliseconds. */
export type Taken =
  | Place
  | { readonly outcome: "full" }
  | { readonly outcome: "blocked"; readonly milliseconds: number };

/** Counts wrong passwords, and tries under way, by key. */
export interface Counter {
  /** Wrong passwords and tries under way that a key may have. */
  readonly most: number;
  take(key: string, deadline: Deadline): Promise<Taken>;
}

/** How much is allowed, and for how many milliseconds a wrong password counts at most. */
export interface Allowance {
  readonly most: number;
  readonly window: number;
}

/** What the limiter of an allowance is told. */
export function limiterOptions({ most, window }: Allowance): LimiterOptions {
  return { points: pointsFor(most), duration: Math.ceil(window / 1_000) };
}

interface LimiterOptions {
  readonly points: number;
  /** Seconds. */
  readonly duration: number;
}

/** Counts with a limiter that takes its steps as `step` does. Rejects where the limiter does, or answers what can't be. */
export function counterOf(
  limiter: RateLimiterRedis,
  { most, window }: Allowance,
  now: () => number,
): Counter {
  // Clocks of two machines, and sums of fractions, are a little apart.
  const longest = window + 2_000;

  function check({ consumedPoints, msBeforeNext }: RateLimiterRes, least: number): void {
    const isCount = Number.isSafeInteger(consumedPoints) && consumedPoints >= least;
    const isTime = Number.isFinite(msBeforeNext) && msBeforeNext >= 0 && msBeforeNext <= longest;
    if (isCount && isTime) return;
    throw new RangeError("The store of the throttle holds what is no count.");
  }

  async function leave(key: string, how: Leaving): Promise<number | undefined> {
    const answer =
      how === "failed"
        ? await limiter.penalty(key, FAIL)
        : await limiter.reward(key, how === "forgotten" ? -FORGET : -GIVE_BACK);
    check(answer, 0);
    return answer.consumedPoints > limiter.points ? answer.msBeforeNext : undefined;
  }

  return {
    most,
    async take(key) {
      let answer: RateLimiterRes;
      try {
        answer = await limiter.consume(key, TAKE);
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused;
        check(refused, TAKE);
        return { outcome: "blocked", milliseconds: refused.msBeforeNext };
      }
      check(answer, TAKE);
      if (placesOf(answer.consumedPoints) > most) return { outcome: "full" };
      const end = now() + answer.msBeforeNext;
      return {
        outcome: "placed",
        leave: async (how) => {
          // The count that it was in is gone: there may be another one now, with other tries' places.
          if (how === "given-back" && now() >= end) return undefined;
          return leave(key, how);
        },
      };
    },
  };
}
