import { openLru } from "../lru.ts";
import type { IndexedLogin, SessionIndex } from "./session-index.ts";

/** The most logins that are known, and the most names whose logins were all ended. */
const MOST = 100_000;

/** An index in this process. What it forgets it only can't count any more: a name's end is remembered apart. */
export function createMemorySessionIndex(lifetime: number): SessionIndex {
  const byName = new Map<string, Map<string, IndexedLogin>>();
  const known = openLru<string>(MOST, {
    ttl: lifetime,
    dispose: (key, login) => forget(key, login),
  });
  const ended = openLru<true>(MOST, { ttl: lifetime });
  const endedNames = openLru<number>(MOST, { ttl: lifetime });

  function forget(key: string, login: string): void {
    const logins = byName.get(key);
    logins?.delete(login);
    if (logins?.size === 0) byName.delete(key);
  }

  return {
    add(username, login) {
      const key = nameKey(username);
      const logins = byName.get(key) ?? new Map<string, IndexedLogin>();
      byName.set(key, logins.set(login.login, login));
      known.set(login.login, key);
    },
    end(_, login) {
      ended.set(login, true);
      known.delete(login);
    },
    async endAll(username, now) {
      const key = nameKey(username);
      const logins = [...(byName.get(key)?.values() ?? [])];
      for (const { login } of logins) {
        ended.set(login, true);
        known.delete(login);
      }
      endedNames.set(key, now);
      return logins;
    },
    hasEnded(username, login, begunAt) {
      if (ended.size > 0 && ended.has(login)) return true;
      return endedNames.size > 0 && begunAt <= (endedNames.get(nameKey(username)) ?? -1);
    },
  };
}

/** Letter case is not what tells people apart. */
export function nameKey(username: string): string {
  return username.trim().toLowerCase();
}
