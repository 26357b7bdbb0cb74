import { RateLimiterRedis } from "rate-limiter-flexible";
import { DirectoryError } from "../errors.ts";
import { isReady, type RedisClient, type RedisSettings, sendTo } from "./redis-client.ts";
import { STEP_SCRIPT } from "./throttle-count.ts";
import { type Allowance, type Counter, counterOf, limiterOptions } from "./throttle-counter.ts";
import { within } from "./within.ts";

/** For longer nobody waits for Redis, in milliseconds: a login has its time for the directory. */
const PATIENCE = 500;

/** Redis could not be asked: its client is not connected, or there was no answer in time. */
export class RedisAway extends Error {
  override readonly name = "RedisAway";
  readonly code: "not-connected" | "timeout";

  constructor(message: string, code: "not-connected" | "timeout") {
    super(message);
    this.code = code;
  }
}

/**
 * A counter in Redis, which all processes share: keys are digests, and live for as long as the window lasts. `take` rejects where Redis can't be
 * asked, and with a `DirectoryError` where the deadline is over first.
 */
export function createRedisCounter(
  { client, prefix }: RedisSettings,
  allowance: Allowance,
  now: () => number,
): Counter {
  const limiter = new RateLimiterRedis({
    ...limiterOptions(allowance),
    keyPrefix: `${prefix}throttle`,
    storeClient: evaluator(client),
    useRedisPackage: true,
    // Else a client that is not connected keeps the command for later: a place for nobody.
    rejectIfRedisNotReady: true,
    customIncrTtlLuaScript: STEP_SCRIPT,
  });
  const counter = counterOf(limiter, allowance, now);
  return {
    most: counter.most,
    async take(key, deadline) {
      if (!isReady(client)) throw new RedisAway("Redis is not connected.", "not-connected");
      const patience = Math.min(PATIENCE, deadline.remaining());
      const taking = counter.take(key, deadline);
      try {
        return await within(patience, taking, () =>
          patience < PATIENCE
            ? new DirectoryError("The login could not be counted in time.", { code: "timeout" })
            : new RedisAway("Redis did not answer in time.", "timeout"),
        );
      } catch (error) {
        // It may still come.
        taking
          .then(async (taken) => {
            if (taken.outcome === "placed") await taken.leave("given-back");
          })
          .catch(() => {});
        throw error;
      }
    },
  };
}

/** What the library needs of a client, made of what all of them have. */
function evaluator(client: RedisClient) {
  const send = sendTo(client);
  return {
    eval: (script: string, { keys, arguments: args }: EvalOptions) =>
      send("EVAL", script, String(keys.length), ...keys, ...args),
    get isReady(): boolean {
      return isReady(client);
    },
  };
}

interface EvalOptions {
  readonly keys: readonly string[];
  readonly arguments: readonly string[];
}
