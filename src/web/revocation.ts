import type { Person } from "../authentication/person.ts";
import { ConfigError } from "../errors.ts";
import { eventText, logText } from "./log-text.ts";
import { nameKey, personKey } from "./person-keys.ts";
import type { Realm } from "./realm.ts";
import type { SessionLogins } from "./session-logins.ts";

/** What an application can do about somebody whom it no longer trusts. */
export interface Revocation {
  /**
   * Ends all sessions of a person that were begun until now, by the name of their entry in any letter case; drops what is remembered of them. They may sign in
   * again. The directory is not asked, and may be away. With `redis`, in all processes that share it. Returns how many sessions were known; older ones of a store that
   * outlived the process end too. Rejects with a `SessionStoreError` if Redis could not be asked, and with a `ConfigError` for what is no name.
   */
  revoke(username: string): Promise<number>;
  /** The same for this very person, whatever names they have, and for nobody who shares one with them. */
  revokePerson(person: Person): Promise<number>;
  /** Drops what is remembered of a person in this process: their next request asks the directory. Throws a `ConfigError` for what is no name. */
  invalidate(username: string): void;
}

export function prepareRevocation(realm: Realm, logins: SessionLogins): Revocation {
  function drop(username: unknown): string {
    if (typeof username !== "string" || username.trim() === "") {
      throw new ConfigError("revoke and invalidate take the name of a person, as text.");
    }
    realm.changes?.noteName(username);
    realm.forget?.(username);
    return username;
  }

  async function end(key: string, names: readonly [string, ...string[]]): Promise<number> {
    const [name] = names;
    names.forEach(drop);
    const sessions = await logins.endAll(key);
    // A login that was under way meanwhile may have been remembered.
    names.forEach(drop);
    const details = { username: logText(name), sessions };
    realm.log({ level: "info", event: "revoked", message: "All sessions were ended.", details });
    const username = eventText(name);
    realm.observe?.({ type: "revocation", username, reason: "revoked", sessions });
    return sessions;
  }

  return {
    revoke: async (username) => end(nameKey(drop(username)), [username]),
    revokePerson(person) {
      const { username, otherNames = [] } = person;
      return end(personKey(person), [username, ...otherNames]);
    },
    invalidate(username) {
      const name = eventText(drop(username));
      realm.observe?.({ type: "revocation", username: name, reason: "invalidated" });
    },
  };
}
