import type { Person } from "../authentication/person.ts";
import type { Deadline } from "../directory/deadline.ts";
import { askDirectory } from "./ask-directory.ts";
import type { Realm } from "./realm.ts";

/** Reads a person again. Requests of the same person that ask at the same time share one search. */
export function shareRereads(
  realm: Realm,
): (person: Person, deadline: Deadline) => Promise<Person | undefined> {
  const underWay = new Map<string, Promise<Person | undefined>>();

  return (person, deadline) => {
    const key = JSON.stringify([person.dn, person.username, person.id]);
    const known = underWay.get(key);
    if (known !== undefined) return known;
    const reading = askDirectory(deadline, () => realm.reread(person, deadline)).finally(() =>
      underWay.delete(key),
    );
    underWay.set(key, reading);
    return reading;
  };
}
