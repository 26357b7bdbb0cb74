import { type Decision, granted, isFinal, undecided } from "../decision.ts";
import type { GroupSettings } from "../rule.ts";
import type { SubjectQuestion } from "../subject.ts";
import { isInChain } from "./active-directory.ts";
import { isSurelyNoMember } from "./direct-member.ts";
import { type AskGroup, prepareLevels } from "./level-wise.ts";
import { matches } from "./matches.ts";
import { equal } from "./membership.ts";
import { isOtherwiseMember } from "./other-memberships.ts";
import { rememberServerKinds, type ServerKind } from "./server-kind.ts";
import { isHopeless } from "./trouble.ts";

/** What is entered where the settings name no classes: static groups of any kind. */
const CLASSES: readonly string[] = ["groupOfNames", "groupOfUniqueNames", "posixGroup", "group"];

/**
 * Groups in groups of any depth, by whatever the server can do by itself: Active Directory's in-chain rule and primary groups, 389's
 * transitive `memberOf`, else numbers of POSIX groups, URLs of dynamic groups, and level by level. Settings that say how groups list
 * others leave only the last.
 */
export function prepareAuto(settings: GroupSettings, negated: boolean): AskGroup {
  const servers = rememberServerKinds();
  const isOwn = isOwnLayout(settings);
  const classes = settings.subGroupClasses ?? CLASSES;
  const levels = prepareLevels(
    { ...settings, subGroupClasses: classes },
    Number.POSITIVE_INFINITY,
    negated,
    servers,
  );
  if (isOwn) return levels;

  return async (question, group) => {
    let server: ServerKind;
    try {
      server = await servers.of(question);
    } catch (error) {
      return undecided(error, "asking the server about itself");
    }
    if (server.isActiveDirectory) {
      const found = await inActiveDirectory(question, group, server, negated);
      if (!isRefused(found)) return found;
      // No Active Directory after all, or not behind this name any more.
      servers.forget(question);
    }
    const known = await knownByItself(question, group, server, negated);
    if (known.outcome === "granted") return granted(group);
    const found = await levels(question, group);
    return found.outcome === "denied" && known.outcome === "undecided" ? known : found;
  };
}

/** Whether the settings describe groups that the servers' own means are not about. */
function isOwnLayout(settings: GroupSettings): boolean {
  const { memberAttributes, subGroupAttributes, subGroupClasses } = settings;
  return Boolean(memberAttributes ?? subGroupAttributes ?? subGroupClasses);
}

async function inActiveDirectory(
  question: SubjectQuestion,
  group: string,
  server: ServerKind,
  negated: boolean,
): Promise<Decision> {
  if (negated) {
    const direct = await isSurelyNoMember(question, group, {});
    if (direct.outcome !== "denied") return direct;
  }
  return isInChain(question, group, server, negated);
}

/** The server does not know the rule, or does not answer such questions. */
function isRefused({ outcome, error }: Decision): boolean {
  return outcome === "undecided" && error !== undefined && !isHopeless(error);
}

/** What the server's own means say. Their "no" is not the last word: levels are asked then. */
async function knownByItself(
  question: SubjectQuestion,
  group: string,
  server: ServerKind,
  negated: boolean,
): Promise<Decision> {
  const { person, identities, deadline } = question;
  const asker = { searches: identities.groups, deadline, negated };
  if (server.hasTransitiveMemberOf) {
    // Only its yes counts: the plugin may be off, or may leave nested groups out.
    const asked = { ...asker, negated: false };
    const found = await matches(person.dn, equal("memberOf", group), asked);
    if (found.outcome === "granted" || isLater(found)) return found;
  }
  return isOtherwiseMember(question, group, negated);
}

function isLater(decision: Decision): boolean {
  return decision.outcome === "undecided" && !isFinal(decision);
}
