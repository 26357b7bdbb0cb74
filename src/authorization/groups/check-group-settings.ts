import { ConfigError } from "../../errors.ts";
import { attributeName, someTexts } from "../checked-arguments.ts";
import type { GroupSettings } from "../rule.ts";

/** The settings, if they can work. */
export function checkGroupSettings(settings: GroupSettings): GroupSettings {
  const { memberAttributes, memberIsDn, nested, subGroupAttributes, subGroupClasses } = settings;
  checkNames(memberAttributes, "memberAttributes");
  checkNames(subGroupAttributes, "subGroupAttributes");
  checkNames(subGroupClasses, "subGroupClasses");
  if (memberIsDn !== undefined && typeof memberIsDn !== "boolean") {
    throw new ConfigError("requireGroup: memberIsDn is true or false.", { option: "memberIsDn" });
  }
  const isDepth = Number.isSafeInteger(nested) && Number(nested) >= 0;
  if (nested !== undefined && nested !== false && nested !== "auto" && !isDepth) {
    throw new ConfigError('requireGroup: nested is false, a number of levels, or "auto".', {
      option: "nested",
    });
  }
  return settings;
}

function checkNames(names: readonly string[] | undefined, option: string): void {
  if (names === undefined) return;
  for (const name of someTexts(names, "requireGroup", option)) {
    attributeName(name, `requireGroup: ${option}`);
  }
}
