import type { Deadline } from "../../directory/deadline.ts";
import type { Searches } from "../../directory/directory.ts";
import { DirectoryError } from "../../errors.ts";
import { ANY_ENTRY } from "../../ldap/auth-ldap-url.ts";
import { type Entry, textValues } from "../../ldap/entry.ts";

/**
 * What an entry lists in these attributes. Active Directory sends long lists in parts (`member;range=0-1499`): they are put together.
 * Undefined if the entry does not show itself. Rejects with a `DirectoryError`.
 */
export async function readMembers(
  searches: Searches,
  dn: string,
  attributes: readonly string[],
  deadline: Deadline,
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
  for (const attribute of attributes) {
    for (const value of textValues(entry, attribute)) members.push(value);
    let part = rangeOf(entry, attribute);
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
  return members;
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
