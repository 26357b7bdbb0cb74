import { configErrorAt } from "./config-error-at.ts";

/** What Dovecot takes as one line: continued ones joined, comments and the blanks around it gone. */
export interface Line {
  readonly text: string;
  /** Counted from 1; of a continued line its last. */
  readonly line: number;
}

/**
 * The lines of a dovecot-ldap.conf.ext, as Dovecot 2.3 reads them: a `#` outside of quotes begins a comment wherever it stands, a backslash at the end
 * joins the next line with one blank between, and comments and empty lines in between are as if they were not there. Throws a `ConfigError` for control
 * characters, and for a last line that goes on: Dovecot forgets it.
 */
export function readLines(text: string, file: string | undefined): readonly Line[] {
  const lines: Line[] = [];
  let begun: string | undefined;
  const physical = text.replace(/^\ufeff/, "").split("\n");
  for (const [index, each] of physical.entries()) {
    const line = index + 1;
    const here = { name: "line", line, ...(file !== undefined && { file }) };
    const whole = each.endsWith("\r") ? each.slice(0, -1) : each;
    if (CONTROL.test(whole)) throw configErrorAt(here, "there is a control character in it");
    const kept = trimEnd(withoutComment(trimStart(whole)));
    if (kept === "") continue;
    if (kept.endsWith("\\")) {
      begun = `${begun ?? ""}${trimEnd(kept.slice(0, -1))} `;
      continue;
    }
    lines.push({ text: (begun ?? "") + kept, line });
    begun = undefined;
  }
  if (begun === undefined) return lines;
  throw configErrorAt(
    { name: "line", line: physical.length, ...(file !== undefined && { file }) },
    "the text ends with a line that goes on, which Dovecot ignores: take the backslash away",
  );
}

/** A quote that is not closed takes the rest of the line with it, `#` included. */
function withoutComment(line: string): string {
  let quote: string | undefined;
  for (let at = 0; at < line.length; at++) {
    const character = line[at];
    if (quote !== undefined) {
      if (character === "\\") at++;
      else if (character === quote) quote = undefined;
    } else if (character === '"' || character === "'") quote = character;
    else if (character === "#") return line.slice(0, at);
  }
  return line;
}

function trimStart(text: string): string {
  let start = 0;
  while (text[start] === " " || text[start] === "\t") start++;
  return text.slice(start);
}

/** Not a pattern: `[ \t]+$` costs the square of a long run of blanks. */
function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === " " || text[end - 1] === "\t")) end--;
  return text.slice(0, end);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused.
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;
