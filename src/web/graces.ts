import { identityOf, type Person } from "../authentication/person.ts";
import type { Log } from "../log.ts";
import { openLru } from "../lru.ts";
import { logText } from "./log-text.ts";
import type { LoginRecord } from "./login-record.ts";
import type { WebSettings } from "./web-settings.ts";

/** Lets sessions go on with what was read last while the directory can't be asked (`session.staleFor`). */
export interface Graces {
  allow(record: LoginRecord): boolean;
  /** The directory has answered about a person again. */
  over(person: Person): void;
}

const MOST = 10_000;

/** What is allowed is logged once for each person and outage. */
export function createGraces(
  { revalidateAfter, staleFor }: WebSettings["session"],
  log: Log,
): Graces {
  // No session goes on for longer; what comes after that is another outage.
  const told = openLru<true>(MOST, { ttl: revalidateAfter + staleFor });
  return {
    allow({ person, checkedAt }) {
      if (staleFor === 0 || Date.now() - checkedAt >= revalidateAfter + staleFor) return false;
      const key = identityOf(person);
      if (!told.has(key)) {
        told.set(key, true);
        const message = "The directory can't be asked: a session goes on with what it said last.";
        const details = { username: logText(person.username) };
        log({ level: "warn", event: "session-stale", message, details });
      }
      return true;
    },
    over(person) {
      if (told.size > 0) told.delete(identityOf(person));
    },
  };
}
