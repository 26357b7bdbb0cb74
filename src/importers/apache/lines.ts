import { configErrorAt } from "./config-error-at.ts";

/** What httpd takes as one line: continued ones joined, blanks around it gone. */
export interface Line {
  readonly text: string;
  /** Counted from 1; of a continued line its first. */
  readonly line: number;
}

/**
 * The lines of a configuration without comments and empty ones. A backslash at the end of a line joins the next one, also in a
 * comment. Throws a `ConfigError` for control characters, and for lines longer than `longest`, counted in characters.
 */
export function readLines(
  text: string,
  file: string | undefined,
  longest: number,
): readonly Line[] {
  // What some editors put before a text says nothing.
  const physical = text.replace(/^\ufeff/, "").split("\n");
  const lines: Line[] = [];
  let at = 0;
  while (at < physical.length) {
    const line = at + 1;
    const parts: string[] = [];
    let length = 0;
    for (;;) {
      const isLast = at === physical.length - 1;
      const whole = physical[at] ?? "";
      const part = whole.endsWith("\r") && !isLast ? whole.slice(0, -1) : whole;
      const here = { name: "line", line: at + 1, ...(file !== undefined && { file }) };
      if (CONTROL.test(part)) throw configErrorAt(here, "there is a control character in it");
      at++;
      // At the end of the file there is nothing to join: httpd keeps the backslash.
      const goesOn = part.endsWith("\\") && !isLast;
      const kept = goesOn ? part.slice(0, -1) : part;
      parts.push(kept);
      length += kept.length;
      if (length > longest)
        throw configErrorAt(here, `the line is longer than ${longest} characters`);
      if (!goesOn) break;
    }
    const joined = trimBlanks(parts.join(""));
    if (joined !== "" && !joined.startsWith("#")) lines.push({ text: joined, line });
  }
  return lines;
}

/** Without the blanks around it; not `trim`, which takes away characters that httpd keeps. */
export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text[start])) start++;
  while (end > start && isBlank(text[end - 1])) end--;
  return text.slice(start, end);
}

function isBlank(character: string | undefined): boolean {
  return character === " " || character === "\t";
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused.
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;
