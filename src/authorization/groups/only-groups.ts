import type { Deadline } from "../../directory/deadline.ts";
import type { Searches } from "../../directory/directory.ts";
import { formatDn, normalizeDn, parseDn } from "../../ldap/dn.ts";
import { inWaves } from "./in-waves.ts";
import { classFilter } from "./membership.ts";
import { isDangling, isHopeless, isUnknownClass, type Troubles } from "./trouble.ts";

/** So many members in one place are not asked about one by one. */
const MANY = 64;

/** Which of a group's members are groups, and how to find out. */
export interface Classes {
  readonly names: readonly string[];
  /**
   * Whether a "no" has to be a real one. Then each member is asked about, so that what the service account may not see is told from
   * what is not there; else a search below their common parent answers for many.
   */
  readonly isSure: boolean;
}

/**
 * Those of the members that have one of the classes, as httpd finds out: by compares of objectClass. Members that do not exist are no
 * groups.
 */
export async function onlyGroups(
  searches: Searches,
  members: readonly string[],
  classes: Classes,
  troubles: Troubles,
  deadline: Deadline,
): Promise<readonly string[]> {
  const { alone, together } = classes.isSure ? { alone: members, together: [] } : byParent(members);
  const leftOver: string[] = [];
  const groups: string[] = [];

  await inWaves(
    together,
    async ({ parent, byKey }) => {
      const filter = classFilter(classes.names);
      const query = { base: parent, scope: "one", filter, attributes: [] } as const;
      try {
        for (const { dn } of await searches.search(query, deadline)) {
          const member = byKey.get(normalizeDn(dn) ?? "");
          if (member !== undefined) groups.push(member);
        }
      } catch (error) {
        if (isHopeless(error)) troubles.add(error, `looking for groups below ${parent}`);
        // Too many groups there, say: then one by one.
        else for (const member of byKey.values()) leftOver.push(member);
      }
    },
    { troubles, deadline },
  );

  await inWaves(
    [...alone, ...leftOver],
    async (member) => {
      if (await hasClass(searches, member, classes.names, troubles, deadline)) groups.push(member);
    },
    { troubles, deadline },
  );
  return groups;
}

/** One compare of objectClass for each class, until one is true: it holds for subclasses too. */
export async function hasClass(
  searches: Searches,
  dn: string,
  names: readonly string[],
  troubles: Troubles,
  deadline: Deadline,
): Promise<boolean> {
  let unknown: unknown;
  let known = 0;
  for (const name of names) {
    try {
      if (await searches.compare(dn, "objectClass", name, deadline)) return true;
      known++;
    } catch (error) {
      if (isDangling(error)) return false;
      if (isUnknownClass(error)) {
        unknown = error;
        continue;
      }
      troubles.add(error, `comparing objectClass of ${dn}`);
      if (troubles.isOver) return false;
      known++;
    }
  }
  // No entry is of a class that the server does not know. But if it knows none, that is a slip of the pen rather than a "no".
  if (known === 0 && unknown !== undefined) {
    troubles.add(unknown, `comparing objectClass of ${dn}`);
  }
  return false;
}

interface Siblings {
  readonly parent: string;
  /** The members as they are listed, by their normal spelling. */
  readonly byKey: ReadonlyMap<string, string>;
}

function byParent(members: readonly string[]): {
  readonly alone: readonly string[];
  readonly together: readonly Siblings[];
} {
  const places = new Map<string, Map<string, string>>();
  const alone: string[] = [];
  for (const member of members) {
    const key = normalizeDn(member);
    const parent = key === undefined ? undefined : formatDn((parseDn(key) ?? []).slice(1));
    if (key === undefined || !parent) {
      alone.push(member);
      continue;
    }
    const place = places.get(parent) ?? new Map<string, string>();
    places.set(parent, place.set(key, member));
  }
  const together: Siblings[] = [];
  for (const [parent, byKey] of places) {
    if (byKey.size > MANY) together.push({ parent, byKey });
    else for (const member of byKey.values()) alone.push(member);
  }
  return { alone, together };
}
