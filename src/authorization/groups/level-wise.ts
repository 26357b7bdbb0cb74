import { type Decision, undecided } from "../decision.ts";
import type { GroupSettings } from "../rule.ts";
import type { SubjectQuestion } from "../subject.ts";
import { memberships, subGroupAttributes } from "./membership.ts";
import {
  contextOf,
  rememberServerKinds,
  type ServerKind,
  type ServerKinds,
} from "./server-kind.ts";
import { isHopeless } from "./trouble.ts";
import { walkDown } from "./walk-down.ts";
import { walkUp } from "./walk-up.ts";

/** Is somebody in this group? What the group's own list shows was asked before. */
export type AskGroup = (question: SubjectQuestion, group: string) => Promise<Decision>;

const CLASSES: readonly string[] = ["groupOfNames", "groupOfUniqueNames", "group"];

/**
 * Groups in groups, level by level: from the person upwards, which needs few questions. Where a no lets in, or the search for groups
 * fails (a server's limit, say), from the group downwards.
 */
export function prepareLevels(
  settings: GroupSettings,
  depth: number,
  negated: boolean,
  servers: ServerKinds = rememberServerKinds(),
): AskGroup {
  const classNames = settings.subGroupClasses ?? CLASSES;
  const attributes = subGroupAttributes(settings);

  async function upwards(question: SubjectQuestion, group: string): Promise<Decision | undefined> {
    let server: ServerKind;
    try {
      server = await servers.of(question);
    } catch (error) {
      return isHopeless(error) ? undecided(error, "asking the server about itself") : undefined;
    }
    const base = contextOf(group, server);
    if (base === undefined) return undefined;
    const members = memberships(question.person, settings);
    const ascent = { members, subGroupAttributes: attributes, classNames, depth, base };
    const found = await walkUp(question, group, ascent);
    const { outcome, error } = found;
    const isOver = error !== undefined && isHopeless(error);
    return outcome === "undecided" && !isOver ? undefined : found;
  }

  return async (question, group) => {
    const found = negated ? undefined : await upwards(question, group);
    if (found !== undefined) return found;
    const { person, identities, deadline } = question;
    const descent = {
      members: memberships(person, settings),
      subGroupAttributes: attributes,
      classes: { names: classNames, isSure: negated },
      depth,
    };
    return walkDown(group, descent, identities, deadline);
  };
}
