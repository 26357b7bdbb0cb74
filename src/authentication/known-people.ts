import type { Entry } from "../ldap/entry.ts";
import { openLru } from "../lru.ts";
import type { Person } from "./person.ts";

/** Whose entry a name led to when they last logged in. */
export interface KnownPerson {
  readonly person: Person;
  readonly origin: string | undefined;
}

/** Where people who logged in have their entries: a guess at where to bind, that each login proves anew. */
export interface KnownPeople {
  get(username: string): KnownPerson | undefined;
  /** Only of an entry that has an id: without one nobody could tell whether it is still the same. */
  remember(username: string, person: Person, entry: Entry): void;
  forget(username: string): void;
}

/** The people who were asked about last. */
const MOST = 10_000;

export function rememberPeople(): KnownPeople {
  const known = openLru<KnownPerson>(MOST);
  return {
    get: (username) => known.get(username),
    remember(username, person, { origin }) {
      if (person.id === undefined) return;
      known.set(username, { person, origin });
    },
    forget: (username) => void known.delete(username),
  };
}
