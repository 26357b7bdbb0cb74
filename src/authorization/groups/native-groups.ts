import { someDns } from "../checked-arguments.ts";
import { anyOf } from "../logic.ts";
import type { CompiledRule } from "../question.ts";
import type { GroupSettings } from "../rule.ts";
import { aboutEntry } from "../subject.ts";
import { prepareAuto } from "./auto-groups.ts";
import { checkGroupSettings } from "./check-group-settings.ts";
import { isDirectMember, isSurelyNoMember } from "./direct-member.ts";
import { type AskGroup, prepareLevels } from "./level-wise.ts";

/**
 * Is the person a member of one of these groups? `negated` is whether a no lets in: then it must be a real one, and not the silence
 * about what the service account may not read. Throws a `ConfigError` for settings that can't work.
 */
export function prepareGroup(
  groups: readonly string[],
  settings: GroupSettings,
  negated: boolean,
): CompiledRule {
  const further = prepareFurther(checkGroupSettings(settings), negated);
  const inOne = (group: string): CompiledRule =>
    aboutEntry(async (question) => {
      const direct = await isDirectMember(question, group, settings);
      // Who can't ask the group about its own members can't ask further.
      return direct.outcome === "denied" && further ? further(question, group) : direct;
    });
  return anyOf(someDns(groups, "requireGroup").map(inOne));
}

/** What is asked about those whom the group's own list does not show. */
function prepareFurther(settings: GroupSettings, negated: boolean): AskGroup | undefined {
  const { nested = false } = settings;
  if (nested === "auto") return prepareAuto(settings, negated);
  if (nested !== false && nested > 0) return prepareLevels(settings, nested, negated);
  if (!negated) return undefined;
  return (question, group) => isSurelyNoMember(question, group, settings);
}
