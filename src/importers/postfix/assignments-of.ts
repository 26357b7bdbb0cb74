import { ConfigError } from "../../errors.ts";
import { checkKeys } from "../../options/check.ts";
import type { Assignment, Assignments } from "./assignment.ts";
import {
  isParameterName,
  type ParameterName,
  TABLE_PARAMETERS,
  type TableParameters,
} from "./table-parameters.ts";

/** The parameters of an object as a file would have them. Throws a `ConfigError` for names that ldap_table(5) does not have, and for values that are no text and not what belongs there. */
export function assignmentsOf(parameters: TableParameters, name: string): Assignments {
  checkKeys(parameters, Object.keys(TABLE_PARAMETERS));
  const values = new Map<string, Assignment>();
  for (const [parameter, given] of Object.entries(parameters)) {
    if (given === undefined || !isParameterName(parameter)) continue;
    const value = textOf(parameter, given);
    if (value === undefined || value.includes("\0")) {
      throw new ConfigError(
        `${name}: ${parameter} must be ${MUST_BE[TABLE_PARAMETERS[parameter]]}.`,
        {
          option: parameter,
        },
      );
    }
    values.set(parameter, { value, line: undefined });
  }
  return { name, values, warnings: [] };
}

const MUST_BE = {
  text: "a string",
  number: "a whole number",
  flag: "true or false",
  list: "a string, or an array of strings that are not empty and have no blanks and commas",
} as const;

function textOf(parameter: ParameterName, given: unknown): string | undefined {
  if (typeof given === "string") return given;
  switch (TABLE_PARAMETERS[parameter]) {
    case "text":
      return undefined;
    case "number":
      return Number.isInteger(given) ? String(given) : undefined;
    case "flag":
      return typeof given === "boolean" ? (given ? "yes" : "no") : undefined;
    case "list":
      if (!Array.isArray(given) || !given.every(isWord)) return undefined;
      // As text it would be no limit at all.
      return parameter === "domain" && given.length === 0 ? undefined : given.join(", ");
  }
}

/** Anything else would become two of them. */
function isWord(item: unknown): boolean {
  return typeof item === "string" && /^[^, \t\r\n]+$/.test(item);
}
