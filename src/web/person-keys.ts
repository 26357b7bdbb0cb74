import { identityOf, type Person } from "../authentication/person.ts";

/** What all logins of one person are known by, whatever name they typed. */
export function personKey(person: Person): string {
  return `person ${identityOf(person)}`;
}

/** What the logins of everybody who has this name are known by. Letter case is not what tells people apart. */
export function nameKey(username: string): string {
  return `name ${username.trim().toLowerCase()}`;
}

/** All that a person's logins are known by: who they are, and each of their names. */
export function keysOf(person: Person): readonly string[] {
  const { username, otherNames = [] } = person;
  return [personKey(person), ...[username, ...otherNames].map(nameKey)];
}
