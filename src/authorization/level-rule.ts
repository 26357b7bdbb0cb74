import { valuesOf } from "../authentication/person.ts";
import { ConfigError } from "../errors.ts";
import { denied, granted } from "./decision.ts";
import { hasLevel, isPattern } from "./level.ts";
import type { CompiledRule } from "./question.ts";
import { aboutPerson, NO_ENTRY } from "./subject.ts";

/** Does the person have that level? Answered from the values that the login read. */
export function compileLevel(level: number | string): CompiledRule {
  const isNumber = typeof level === "number";
  if (isNumber ? !Number.isSafeInteger(level) || level < 0 : typeof level !== "string" || !level) {
    throw new ConfigError(
      'requireLevel needs a whole number from 0 on, a value such as "MyWebApp_Level_2", or the pattern.',
    );
  }
  return aboutPerson(async ({ person, levels }) => {
    if (levels === undefined) {
      throw new ConfigError(
        'requireLevel does not know what a level is: set levels: { attribute: "MyWebAccess", pattern: "MyWebApp_Level_*" }' +
          " in authnzLdap's options, or use a URL with one attribute after the login attribute and one prefix* in its filter.",
        { option: "levels" },
      );
    }
    if (person.dn === "") return NO_ENTRY;
    const { attribute, pattern } = levels;
    if (typeof level === "string" && level.includes("*") && !isPattern(level, pattern)) {
      throw new ConfigError(`requireLevel(${JSON.stringify(level)}): the pattern is "${pattern}".`);
    }
    const value = valuesOf(person, attribute).find((one) => hasLevel(level, [one], pattern));
    return value === undefined ? denied(`${attribute} holds no level ${level}`) : granted(value);
  });
}
