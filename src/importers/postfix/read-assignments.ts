import { ConfigError } from "../../errors.ts";
import type { Assignment, Assignments } from "./assignment.ts";
import { cfLines, startsWithBlank } from "./cf-lines.ts";
import { isParameterName } from "./table-parameters.ts";

/**
 * Reads `name = value` lines as Postfix does. What it prints of a line that is wrong could be a password: here messages name the line only. Throws a
 * `ConfigError` for a line that is no assignment.
 */
export function readAssignments(text: string, name: string): Assignments {
  const values = new Map<string, Assignment>();
  const warnings: string[] = [];
  if (text.startsWith("\uFEFF")) {
    warnings.push(`${name}: a byte order mark hides the first parameter`);
  }
  if (text.includes("\0")) {
    throw new ConfigError(`${name}: there is a NUL character in it.`, { option: name });
  }

  for (const { parts, line: number } of cfLines(text)) {
    const line = parts.join("");
    const at = `${name}, line ${number}`;
    if (startsWithBlank(line)) {
      warnings.push(`${at}: logical line must not start with whitespace; it is ignored`);
      continue;
    }
    const [, parameter, value] = /^([^= \t\n\v\f\r]+)[ \t\n\v\f\r]*=(.*)$/s.exec(line) ?? [];
    if (parameter === undefined || value === undefined) {
      const problem = line.startsWith("=")
        ? "missing attribute name"
        : "missing '=' after attribute name";
      throw new ConfigError(`${at}: ${problem}.`, { option: at });
    }
    if (values.has(parameter)) {
      warnings.push(`${at}: overriding earlier entry: ${parameter}`);
    }
    warnings.push(...swallowed(parameter, parts.slice(1), at));
    values.set(parameter, { value: trimBlanks(value), line: number });
  }
  return { name, values, warnings };
}

/** A parameter whose line starts with a blank by mistake has become part of the one above. */
function swallowed(parameter: string, parts: readonly string[], at: string): readonly string[] {
  return parts.flatMap((part) => {
    const found = /^[ \t\v\f\r]+(\w+)[ \t\v\f\r]*=/.exec(part)?.[1] ?? "";
    if (!isParameterName(found)) return [];
    return [`${at}: ${found} starts with whitespace, and so belongs to the value of ${parameter}`];
  });
}

function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && startsWithBlank(text.charAt(start))) start++;
  while (end > start && startsWithBlank(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}
