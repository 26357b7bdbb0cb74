import { hash } from "node:crypto";
import { nameKey } from "./memory-session-index.ts";
import { isReady, type RedisSettings, sendTo } from "./redis-client.ts";
import { SessionStoreError } from "./session.ts";
import type { IndexedLogin, SessionIndex } from "./session-index.ts";
import { within } from "./within.ts";

/** For longer nobody waits for Redis, in milliseconds. */
const PATIENCE = 1_000;

/**
 * An index in Redis, which all processes share. A name's logins are a hash of login to session, what has ended are keys of their own, and all of them
 * go away after the longest life of a session. Names are kept as digests. `realm` tells it from others on the same Redis.
 */
export function createRedisSessionIndex(
  { client, prefix }: RedisSettings,
  realm: string,
  lifetime: number,
): SessionIndex {
  const send = sendTo(client);
  const seconds = String(Math.ceil(lifetime / 1_000));

  const keyOf = (kind: "logins" | "revoked", username: string) =>
    `${prefix}${kind}:${hash("sha256", `${realm} ${nameKey(username)}`, "base64url")}`;
  const endedKey = (login: string) => `${prefix}ended:${login}`;

  async function ask(...command: readonly string[]): Promise<unknown> {
    if (!isReady(client)) throw new SessionStoreError("Redis is not connected.");
    const late = () => new SessionStoreError("Redis did not answer in time.");
    try {
      return await within(PATIENCE, send(...command), late);
    } catch (cause) {
      if (cause instanceof SessionStoreError) throw cause;
      throw new SessionStoreError("Asking Redis failed.", { cause });
    }
  }

  return {
    async add(username, { login, session }) {
      const key = keyOf("logins", username);
      await ask("EVAL", ADD, "1", key, login, session, seconds);
    },
    async end(username, login) {
      await ask("EVAL", END, "2", keyOf("logins", username), endedKey(login), login, seconds);
    },
    async endAll(username, now) {
      const keys = [keyOf("logins", username), keyOf("revoked", username)];
      const answer = await ask("EVAL", END_ALL, "2", ...keys, String(now), seconds, endedKey(""));
      return pairs(answer);
    },
    async hasEnded(username, login, begunAt) {
      const answer = await ask("MGET", endedKey(login), keyOf("revoked", username));
      if (!Array.isArray(answer) || answer.length !== 2) throw unreadable();
      const [ended, revokedAt] = answer;
      if (ended !== null) return true;
      if (revokedAt === null) return false;
      const time = Number(revokedAt);
      if (!Number.isFinite(time)) throw unreadable();
      return begunAt <= time;
    },
  };
}

const ADD = `redis.call("HSET", KEYS[1], ARGV[1], ARGV[2])
redis.call("EXPIRE", KEYS[1], ARGV[3])`;

const END = `redis.call("HDEL", KEYS[1], ARGV[1])
redis.call("SET", KEYS[2], "1", "EX", ARGV[2])`;

/** Each login is named as ended by itself, too: clocks of processes differ. */
const END_ALL = `local logins = redis.call("HGETALL", KEYS[1])
for i = 1, #logins, 2 do redis.call("SET", ARGV[3] .. logins[i], "1", "EX", ARGV[2]) end
redis.call("DEL", KEYS[1])
redis.call("SET", KEYS[2], ARGV[1], "EX", ARGV[2])
return logins`;

function pairs(answer: unknown): readonly IndexedLogin[] {
  if (!Array.isArray(answer)) throw unreadable();
  const logins: IndexedLogin[] = [];
  for (let at = 0; at + 1 < answer.length; at += 2) {
    logins.push({ login: String(answer[at]), session: String(answer[at + 1]) });
  }
  return logins;
}

function unreadable(): SessionStoreError {
  return new SessionStoreError("What Redis holds of logins can't be read.");
}
