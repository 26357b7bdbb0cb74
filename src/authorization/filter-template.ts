import type { Person } from "../authentication/person.ts";
import { ConfigError } from "../errors.ts";
import type { Filter } from "../ldap/filter.ts";
import { parseFilter } from "../ldap/parse-filter.ts";

/** A filter with places for the person who asks. */
export type FilterTemplate = (person: Person) => Filter;

const PLACEHOLDER = /%\{(.*?)\}/g;

const PLACES: ReadonlyMap<string, (person: Person) => string> = new Map([
  ["dn", (person) => person.dn],
  ["username", (person) => person.username],
]);

/**
 * Parses an administrator's filter text once. `%{dn}` and `%{username}` in a value stand for the person who asks; they
 * are put in after parsing, as bytes, so that nothing in them can become filter syntax. Throws a `ConfigError`.
 */
export function prepareFilterTemplate(text: string): FilterTemplate {
  const filter = parseFilter(text);
  for (const [whole, name = ""] of text.matchAll(PLACEHOLDER)) {
    if (!PLACES.has(name)) {
      throw new ConfigError(`A filter knows %{dn} and %{username}, not ${whole}: ${text}`);
    }
  }
  if (/%\{(?![^{}]*\})/.test(text)) {
    throw new ConfigError(`A place for the person lacks its "}", as in %{dn}: ${text}`);
  }
  if (!/%\{/.test(text)) return () => filter;
  return (person) => mapValues(filter, (value) => fillValue(value, person));
}

/** The same filter with other values. They are mapped in the order of the filter's text. */
export function mapValues(filter: Filter, map: (value: Buffer) => Buffer): Filter {
  switch (filter.type) {
    case "and":
    case "or":
      return { ...filter, filters: filter.filters.map((part) => mapValues(part, map)) };
    case "not":
      return { ...filter, filter: mapValues(filter.filter, map) };
    case "present":
      return filter;
    case "substrings": {
      const { initial, final } = filter;
      return {
        ...filter,
        ...(initial && { initial: map(initial) }),
        any: filter.any.map(map),
        ...(final && { final: map(final) }),
      };
    }
    default:
      return { ...filter, value: map(filter.value) };
  }
}

/** Byte for byte the same where no place is named: a value need not be text. */
function fillValue(value: Buffer, person: Person): Buffer {
  if (!value.includes("%{")) return value;
  const filled = value.toString("latin1").replace(PLACEHOLDER, (whole, name: string) => {
    const text = PLACES.get(name)?.(person);
    return text === undefined ? whole : Buffer.from(text).toString("latin1");
  });
  return Buffer.from(filled, "latin1");
}
