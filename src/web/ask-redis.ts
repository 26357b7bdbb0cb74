import { isReady, type RedisClient, type SendRedis, sendTo } from "./redis-client.ts";
import { SessionStoreError } from "./session.ts";
import { within } from "./within.ts";

/** For longer nobody waits for Redis, in milliseconds. */
const PATIENCE = 1_000;

/** Sends commands about sessions. Each rejects with a `SessionStoreError` where Redis can't be asked, or not in time. */
export function prepareAskRedis(client: RedisClient): SendRedis {
  const send = sendTo(client);
  return async (...command) => {
    if (!isReady(client)) throw new SessionStoreError("Redis is not connected.");
    const late = () => new SessionStoreError("Redis did not answer in time.");
    try {
      return await within(PATIENCE, send(...command), late);
    } catch (cause) {
      if (cause instanceof SessionStoreError) throw cause;
      throw new SessionStoreError("Asking Redis failed.", { cause });
    }
  };
}
