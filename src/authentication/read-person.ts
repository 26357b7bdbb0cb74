import { type Entry, textValues } from "../ldap/entry.ts";
import { entryId, ID_ATTRIBUTES } from "../ldap/entry-id.ts";
import type { Person } from "./person.ts";

/** What a login reads of a person's entry, besides the attributes that the application asked for. */
export function attributesToRead(
  loginAttribute: string,
  wanted: readonly string[],
): readonly string[] {
  const byName = new Map<string, string>();
  for (const name of [loginAttribute, ...wanted, ...ID_ATTRIBUTES]) {
    if (!byName.has(name.toLowerCase())) byName.set(name.toLowerCase(), name);
  }
  return [...byName.values()];
}

/**
 * The person of an entry. The username is the entry's own value, not what was typed: a directory finds `alice` for
 * `ALICE ` too, and both must be one person. Of several values it is the one that was typed, else the first.
 */
export function readPerson(
  entry: Entry,
  typed: string,
  loginAttribute: string,
  wanted: readonly string[],
): Person {
  const names = textValues(entry, loginAttribute);
  const username = names.find((name) => name === typed) ?? closest(names, typed) ?? names[0];
  const id = entryId(entry);
  const withNul = wanted.map((name) => name.toLowerCase()).filter((name) => hasNul(entry, name));
  return {
    dn: entry.dn,
    username: username ?? entry.dn,
    ...(names.length > 1 ? { otherNames: others(names, username) } : {}),
    ...(id === undefined ? {} : { id }),
    ...(withNul.length > 0 ? { withNul } : {}),
    attributes: Object.fromEntries(
      wanted.map((name) => [name.toLowerCase(), textValues(entry, name)]),
    ),
  };
}

/** More would only be ballast in each session. */
const MOST_NAMES = 16;

function others(names: readonly string[], username: string | undefined): readonly string[] {
  return names.filter((name) => name !== username).slice(0, MOST_NAMES);
}

function closest(names: readonly string[], typed: string): string | undefined {
  const folded = typed.trim().toLowerCase();
  return names.find((name) => name.trim().toLowerCase() === folded);
}

function hasNul({ attributes }: Entry, name: string): boolean {
  const values = attributes.get(name) ?? [];
  return values.some((value) =>
    typeof value === "string" ? value.includes("\0") : value.includes(0),
  );
}
