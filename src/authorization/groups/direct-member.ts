import type { SearchQuery } from "../../directory/directory.ts";
import { type Decision, denied, granted, undecided } from "../decision.ts";
import type { GroupSettings } from "../rule.ts";
import type { SubjectQuestion } from "../subject.ts";
import { compareMembers } from "./compare-members.ts";
import { membershipFilter, memberships } from "./membership.ts";
import { collectTroubles } from "./trouble.ts";

/** Does the group itself list the person? One search of the group's own entry. */
export async function isDirectMember(
  question: SubjectQuestion,
  group: string,
  settings: GroupSettings,
): Promise<Decision> {
  const { identities, person, deadline } = question;
  const filter = membershipFilter(memberships(person, settings));
  const query: SearchQuery = { base: group, scope: "base", filter, attributes: [], limit: 1 };
  try {
    const found = await identities.compare.search(query, deadline);
    return found.length === 1 ? granted(group) : denied(`not a member of ${group}`);
  } catch (error) {
    return undecided(error, `searching ${group}`);
  }
}

/** Asks for each list by a compare, which unlike a search tells "no" from "you may not know" (RFC 4511 section 4.10). */
export async function isSurelyNoMember(
  question: SubjectQuestion,
  group: string,
  settings: GroupSettings,
): Promise<Decision> {
  const { identities, person, deadline } = question;
  const troubles = collectTroubles();
  const members = memberships(person, settings);
  if (await compareMembers(identities.compare, group, members, deadline, troubles)) {
    return granted(group);
  }
  return troubles.decision ?? denied(`not a member of ${group}`);
}
