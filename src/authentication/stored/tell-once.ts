import type { Log, LogRecord } from "../../log.ts";
import { identityOf, type Person } from "../person.ts";

/** Something about somebody's stored password that an administrator should know. */
export type Tell = (what: keyof typeof MESSAGES, person: Person, details: Details) => void;

type Details = NonNullable<LogRecord["details"]>;

const MESSAGES = {
  "unusable-password": "A stored password can't be checked, or not this way: it lets nobody in.",
  "several-passwords":
    "An entry has several stored passwords, of which one counts: say allValues if all should.",
} as const;

/** The most people who are complained of. */
const MOST_TOLD = 100;

/** Logs each thing once for each person. Values are never told. */
export function tellOnce(log: Log): Tell {
  const told = new Set<string>();
  return (what, person, details) => {
    const key = `${what} ${Object.values(details).join(" ")} ${identityOf(person)}`;
    if (told.has(key) || told.size >= MOST_TOLD) return;
    told.add(key);
    const { dn, username } = person;
    log({
      level: "warn",
      event: what,
      message: MESSAGES[what],
      details: { dn, username, ...details },
    });
  };
}
