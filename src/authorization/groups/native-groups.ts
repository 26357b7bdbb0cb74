import { someDns } from "../checked-arguments.ts";
import { anyOf } from "../logic.ts";
import type { CompiledRule } from "../question.ts";
import type { GroupSettings } from "../rule.ts";
import { aboutEntry } from "../subject.ts";
import { isDirectMember, isSurelyNoMember } from "./direct-member.ts";

/**
 * Is the person a member of one of these groups? `negated` is whether a no lets in: then it must be a real one, and not the silence
 * about what the service account may not read.
 */
export function prepareGroup(
  groups: readonly string[],
  settings: GroupSettings,
  negated: boolean,
): CompiledRule {
  const inOne = (group: string): CompiledRule =>
    aboutEntry(async (question) => {
      const found = await isDirectMember(question, group, settings);
      if (found.outcome !== "denied" || !negated) return found;
      return isSurelyNoMember(question, group, settings);
    });
  return anyOf(someDns(groups, "requireGroup").map(inOne));
}
