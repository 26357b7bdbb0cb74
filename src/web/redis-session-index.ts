import { hash } from "node:crypto";
import { openLru } from "../lru.ts";
import { prepareAskRedis } from "./ask-redis.ts";
import { keysOf } from "./person-keys.ts";
import type { RedisSettings } from "./redis-client.ts";
import { SessionStoreError } from "./session.ts";
import type { IndexedLogin, SessionIndex } from "./session-index.ts";

/** The most logins that are known under one key: who is pushed out is ended all the same, and only not counted. */
const MOST = 1_000;
/** Digests of keys that are kept. */
const MOST_DIGESTS = 10_000;

/**
 * An index in Redis, which all processes share. The logins under a key are a sorted set by the time of their beginning, what has ended are keys of their
 * own, and all of them go away after the longest life of a session. People and names are kept as digests. `realm` tells it from others on the same Redis.
 */
export function createRedisSessionIndex(
  { client, prefix }: RedisSettings,
  realm: string,
  lifetime: number,
): SessionIndex {
  const ask = prepareAskRedis(client);
  const seconds = String(Math.ceil(lifetime / 1_000));
  const digests = openLru<string>(MOST_DIGESTS);

  function digestOf(key: string): string {
    const known = digests.get(key);
    if (known !== undefined) return known;
    const digest = hash("sha256", `${realm} ${key}`, "base64url");
    digests.set(key, digest);
    return digest;
  }

  const loginsOf = (key: string) => `${prefix}logins:${digestOf(key)}`;
  const revokedKey = (key: string) => `${prefix}revoked:${digestOf(key)}`;
  const endedKey = (login: string) => `${prefix}ended:${login}`;

  return {
    async add(person, login) {
      const keys = keysOf(person).map(loginsOf);
      const now = Date.now();
      const limits = [String(now - lifetime), String(-MOST - 1)];
      const what = [memberOf(login), String(now), ...limits, seconds];
      await ask("EVAL", ADD, String(keys.length), ...keys, ...what);
    },
    async end(person, login) {
      const keys = [endedKey(login.login), ...keysOf(person).map(loginsOf)];
      await ask("EVAL", END, String(keys.length), ...keys, memberOf(login), seconds);
    },
    async endAll(key, now) {
      const keys = [loginsOf(key), revokedKey(key)];
      const answer = await ask("EVAL", END_ALL, "2", ...keys, String(now), seconds, endedKey(""));
      if (!Array.isArray(answer)) throw unreadable();
      return answer.map((member) => readMember(String(member)));
    },
    async hasEnded(person, login, begunAt) {
      const keys = [endedKey(login), ...keysOf(person).map(revokedKey)];
      const answer = await ask("MGET", ...keys);
      if (!Array.isArray(answer) || answer.length !== keys.length) throw unreadable();
      const [ended, ...revoked] = answer;
      if (ended !== null) return true;
      return revoked.some((revokedAt) => {
        if (revokedAt === null) return false;
        const time = Number(revokedAt);
        if (!Number.isFinite(time)) throw unreadable();
        return begunAt <= time;
      });
    },
  };
}

const ADD = `for i = 1, #KEYS do
  redis.call("ZADD", KEYS[i], ARGV[2], ARGV[1])
  redis.call("ZREMRANGEBYSCORE", KEYS[i], "-inf", ARGV[3])
  redis.call("ZREMRANGEBYRANK", KEYS[i], 0, ARGV[4])
  redis.call("EXPIRE", KEYS[i], ARGV[5])
end`;

const END = `redis.call("SET", KEYS[1], "1", "EX", ARGV[2])
for i = 2, #KEYS do redis.call("ZREM", KEYS[i], ARGV[1]) end`;

/** Each login is named as ended by itself, too: clocks of processes differ. A login's name is the first word of its member. */
const END_ALL = `local members = redis.call("ZRANGE", KEYS[1], 0, -1)
for i = 1, #members do
  redis.call("SET", ARGV[3] .. string.match(members[i], "^[^ ]*"), "1", "EX", ARGV[2])
end
redis.call("DEL", KEYS[1])
redis.call("SET", KEYS[2], ARGV[1], "EX", ARGV[2])
return members`;

function memberOf({ login, session }: IndexedLogin): string {
  return `${login} ${session}`;
}

function readMember(member: string): IndexedLogin {
  const end = member.indexOf(" ");
  if (end < 0) throw unreadable();
  return { login: member.slice(0, end), session: member.slice(end + 1) };
}

function unreadable(): SessionStoreError {
  return new SessionStoreError("What Redis holds of logins can't be read.");
}
