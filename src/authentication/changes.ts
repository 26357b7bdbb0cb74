import type { Change } from "../directory/change.ts";
import type { Person } from "./person.ts";

/** Which people's entries are known to have changed, and when: what was read of them before that has to be read again. */
export interface Changes {
  /** When this person's entry, or anything, last changed, in milliseconds of `performance.now()`; 0 if that is not known. */
  lastOf(person: Pick<Person, "dn" | "id" | "username">): number;
  /** Notes what a watch saw. */
  note(change: Change): void;
  /** Notes that a person is to be read again: `ldap.invalidate`. */
  noteName(username: string): void;
}
