import type { Deadline } from "../../directory/deadline.ts";
import type { Searches } from "../../directory/directory.ts";
import { DirectoryError } from "../../errors.ts";
import { ANY_ENTRY } from "../../ldap/auth-ldap-url.ts";
import { type Entry, textValues } from "../../ldap/entry.ts";
import type { Filter } from "../../ldap/filter.ts";
import { isUnknownAttribute } from "./trouble.ts";

/**
 * What an entry lists in these attributes. Active Directory sends long lists in parts (`member;range=0-1499`): they are put together.
 * Undefined if the entry does not show itself, or with `isSure` if it may hide one of the lists. Rejects with a `DirectoryError`.
 */
export async function readMembers(
  searches: Searches,
  dn: string,
  attributes: readonly string[],
  deadline: Deadline,
  isSure = false,
): Promise<readonly string[] | undefined> {
  const read = async (names: readonly string[]) => {
    const query = {
      base: dn,
      scope: "base",
      filter: ANY_ENTRY,
      attributes: names,
      limit: 1,
    } as const;
    const [entry] = await searches.search(query, deadline);
    return entry;
  };
  const entry = await read(attributes);
  if (entry === undefined) return undefined;
  const members: string[] = [];
  const empty: string[] = [];
  for (const attribute of attributes) {
    const values = textValues(entry, attribute);
    for (const value of values) members.push(value);
    let part = rangeOf(entry, attribute);
    if (values.length === 0 && part === undefined) empty.push(attribute);
    while (part !== undefined) {
      for (const value of part.values) members.push(value);
      if (part.last === undefined) break;
      const next = part.last + 1;
      const more = await read([`${attribute};range=${next}-*`]);
      part = more && rangeOf(more, attribute);
      // No progress would mean no end.
      if (part === undefined || part.first !== next) {
        throw new DirectoryError(`${dn} does not go on with its list`, { code: "protocol" });
      }
    }
  }
  const isAll = !isSure || empty.length === 0 || (await lacks(searches, dn, empty, deadline));
  return isAll ? members : undefined;
}

/** Whether an entry surely has none of the attributes: what may not be read is neither there nor not there (RFC 4511 section 4.5.1.7). */
async function lacks(
  searches: Searches,
  dn: string,
  attributes: readonly string[],
  deadline: Deadline,
): Promise<boolean> {
  const filters = attributes.map((attribute): Filter => {
    return { type: "not", filter: { type: "present", attribute } };
  });
  const filter: Filter = { type: "and", filters };
  const query = { base: dn, scope: "base", filter, attributes: [], limit: 1 } as const;
  if ((await searches.search(query, deadline)).length === 1) return true;
  const [attribute = ""] = attributes;
  if (attributes.length === 1) return isUnknown(searches, dn, attribute, deadline);
  // One that the server does not know hides nothing, but makes all of the filter undefined.
  for (const one of attributes) {
    if (!(await lacks(searches, dn, [one], deadline))) return false;
  }
  return true;
}

async function isUnknown(
  searches: Searches,
  dn: string,
  attribute: string,
  deadline: Deadline,
): Promise<boolean> {
  try {
    await searches.compare(dn, attribute, dn, deadline);
    return false;
  } catch (error) {
    if (isUnknownAttribute(error)) return true;
    throw error;
  }
}

interface Range {
  readonly first: number;
  /** Undefined at the end of the list. */
  readonly last: number | undefined;
  readonly values: readonly string[];
}

/** [MS-ADTS] section 3.1.1.3.1.3.3 "Range Retrieval of Attribute Values". */
function rangeOf(entry: Entry, attribute: string): Range | undefined {
  for (const name of entry.attributes.keys()) {
    const [whole, plain, first, last] =
      /^(.*);range=([0-9]{1,9})-([0-9]{1,9}|\*)$/.exec(name) ?? [];
    if (whole === undefined || plain !== attribute.toLowerCase()) continue;
    const isLast = last === "*";
    if (!isLast && Number(last) < Number(first)) continue;
    return {
      first: Number(first),
      last: isLast ? undefined : Number(last),
      values: textValues(entry, name),
    };
  }
  return undefined;
}
