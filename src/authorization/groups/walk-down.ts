import type { Deadline } from "../../directory/deadline.ts";
import { normalizeDn } from "../../ldap/dn.ts";
import { type Decision, denied, granted } from "../decision.ts";
import type { Identities } from "../question.ts";
import { compareMembers } from "./compare-members.ts";
import { inWaves } from "./in-waves.ts";
import { readMembers } from "./member-list.ts";
import type { Membership } from "./membership.ts";
import { type Classes, hasClass, onlyGroups } from "./only-groups.ts";
import { collectTroubles } from "./trouble.ts";

/** What to look for in a group and in the groups below it. */
export interface Descent {
  readonly members: readonly Membership[];
  readonly subGroupAttributes: readonly string[];
  readonly classes: Classes;
  /** How many levels below the group. */
  readonly depth: number;
}

/**
 * From the group downwards, as mod_authnz_ldap does it: compares with each list of the group; if the group has one of the classes the
 * same for those of its members that have one, and so on. Level by level, so that a group that lies at several depths is met at the
 * smallest: looking at no group twice then changes no verdict, and a cycle costs nothing. A list is fetched only to look for groups in
 * it. What could not be asked on the way is no "no".
 */
export async function walkDown(
  group: string,
  { members, subGroupAttributes, classes, depth }: Descent,
  identities: Identities,
  deadline: Deadline,
): Promise<Decision> {
  const troubles = collectTroubles();
  const going = { troubles, deadline };
  const { compare, groups: searches } = identities;
  const no = () => troubles.decision ?? denied(`not in ${group}, nor in a group in it`);

  if (await compareMembers(compare, group, members, deadline, troubles)) return granted(group);
  if (depth <= 0 || troubles.isOver) return no();
  if (!(await hasClass(searches, group, classes.names, troubles, deadline))) return no();

  const seen = new Set([keyOf(group)]);
  let level: readonly string[] = [group];
  for (let below = depth; below > 0 && level.length > 0; below--) {
    const listed: string[] = [];
    await inWaves(
      level,
      async (one) => {
        try {
          const { isSure } = classes;
          const found = await readMembers(searches, one, subGroupAttributes, deadline, isSure);
          if (found === undefined) troubles.addFinal(`${one} may be compared, but not read`);
          for (const member of found ?? []) {
            const key = keyOf(member);
            if (!seen.has(key)) listed.push(member);
            seen.add(key);
          }
        } catch (error) {
          troubles.add(error, `reading ${one}`);
        }
      },
      going,
    );
    level = await onlyGroups(searches, listed, classes, troubles, deadline);
    const answers = await inWaves(
      level,
      async (one) =>
        (await compareMembers(searches, one, members, deadline, troubles)) ? one : undefined,
      going,
      (one) => one !== undefined,
    );
    const hit = answers.find((one) => one !== undefined);
    if (hit !== undefined) return granted(hit);
    if (troubles.isOver) break;
  }
  return no();
}

function keyOf(dn: string): string {
  return normalizeDn(dn) ?? dn;
}
