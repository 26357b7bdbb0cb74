import type { Deadline } from "../../directory/deadline.ts";
import type { Searches } from "../../directory/directory.ts";
import { matches } from "./matches.ts";
import { equal, type Membership } from "./membership.ts";
import { isOperationsError, isUnknownAttribute, type Troubles } from "./trouble.ts";

/** Does the group list one of them? One compare for each attribute, until one is true; the list is never fetched. */
export async function compareMembers(
  searches: Searches,
  group: string,
  members: readonly Membership[],
  deadline: Deadline,
  troubles: Troubles,
): Promise<boolean> {
  let unknown: unknown;
  let known = 0;
  for (const [attribute, member] of members) {
    try {
      if (await searches.compare(group, attribute, member, deadline)) return true;
      known++;
    } catch (error) {
      if (isUnknownAttribute(error)) {
        unknown = error;
        continue;
      }
      known++;
      // Samba takes a compare apart as a filter, and stumbles over the backslash in `CN=Doe\, Jane`.
      const found = isOperationsError(error)
        ? await matches(group, equal(attribute, member), { searches, deadline, negated: true })
        : undefined;
      if (found?.outcome === "granted") return true;
      if (found?.outcome === "denied") continue;
      troubles.add(error, `comparing ${attribute} of ${group}`);
      if (troubles.isOver) return false;
    }
  }
  // A server without such a list has nobody in it. Without any of them it rather is a slip of the pen, and no "no".
  if (known === 0 && unknown !== undefined) troubles.add(unknown, `comparing members of ${group}`);
  return false;
}
