import type { HttpdGroupSettings } from "../../authorization/rule.ts";
import { configErrorAt } from "./config-error-at.ts";
import type { Directive } from "./directive.ts";
import { wordsOf } from "./directive-table.ts";
import { flagOf, wordOf } from "./settings-of.ts";

const LISTS = ["member", "uniqueMember"];
const CLASSES = ["groupOfNames", "groupOfUniqueNames"];

/** How a section's groups list their members, with httpd's defaults and limits. */
export function groupSettingsOf(directives: readonly Directive[]): HttpdGroupSettings {
  return {
    memberAttributes: listOf(directives, "AuthLDAPGroupAttribute", LISTS, 11),
    memberIsDn: flagOf(directives, "AuthLDAPGroupAttributeIsDN", true),
    subGroupAttributes: listOf(directives, "AuthLDAPSubGroupAttribute", LISTS, 10),
    subGroupClasses: listOf(directives, "AuthLDAPSubGroupClass", CLASSES, 11),
    maxSubGroupDepth: depthOf(wordOf(directives, "AuthLDAPMaxSubGroupDepth")),
  };
}

function listOf(
  directives: readonly Directive[],
  name: string,
  fallback: readonly string[],
  most: number,
): readonly string[] {
  const own = directives.filter((one) => one.name.toLowerCase() === name.toLowerCase());
  const words = own.flatMap(wordsOf);
  const last = own.at(-1);
  if (last && words.length > most) throw configErrorAt(last, `Too many ${name} values`);
  return words.length > 0 ? words : fallback;
}

/** What is no number is 0, as in C. */
function depthOf(word = "10"): number {
  const depth = Number.parseInt(word, 10);
  return depth > 0 ? Math.min(depth, 1_000) : 0;
}
