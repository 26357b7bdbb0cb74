import { openLru } from "../lru.ts";
import { keysOf } from "./person-keys.ts";
import type { IndexedLogin, SessionIndex } from "./session-index.ts";

/** The most logins that are known, and the most people and names whose logins were all ended. */
const MOST = 100_000;

/** An index in this process. What it forgets it only can't count any more: that all logins under a key were ended is remembered apart. */
export function createMemorySessionIndex(lifetime: number): SessionIndex {
  const byKey = new Map<string, Map<string, IndexedLogin>>();
  const known = openLru<readonly string[]>(MOST, {
    ttl: lifetime,
    dispose: (keys, login) => forget(keys, login),
  });
  const ended = openLru<true>(MOST, { ttl: lifetime });
  const endedKeys = openLru<number>(MOST, { ttl: lifetime });

  function forget(keys: readonly string[], login: string): void {
    for (const key of keys) {
      const logins = byKey.get(key);
      logins?.delete(login);
      if (logins?.size === 0) byKey.delete(key);
    }
  }

  return {
    add(person, login) {
      // Whose name has changed was known by other keys.
      known.delete(login.login);
      const keys = keysOf(person);
      for (const key of keys) {
        const logins = byKey.get(key) ?? new Map<string, IndexedLogin>();
        byKey.set(key, logins.set(login.login, login));
      }
      known.set(login.login, keys);
    },
    end(_, { login }) {
      ended.set(login, true);
      known.delete(login);
    },
    async endAll(key, now) {
      const logins = [...(byKey.get(key)?.values() ?? [])];
      for (const { login } of logins) {
        ended.set(login, true);
        known.delete(login);
      }
      endedKeys.set(key, now);
      return logins;
    },
    hasEnded(person, login, begunAt) {
      if (ended.size > 0 && ended.has(login)) return true;
      if (endedKeys.size === 0) return false;
      return keysOf(person).some((key) => begunAt <= (endedKeys.get(key) ?? -1));
    },
  };
}
