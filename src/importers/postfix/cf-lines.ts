/** A logical line of a .cf file. */
export interface CfLine {
  /** The line itself, and the lines that continue it. Put together they are its text: only the line breaks are gone. */
  readonly parts: readonly string[];
  /** The number of its first line, from 1. */
  readonly line: number;
}

/**
 * Puts the logical lines of a Postfix configuration file together (postconf(5)): a line that starts with a blank continues the one before, and comments and
 * empty lines may stand between the two.
 */
export function cfLines(text: string): readonly CfLine[] {
  const lines: { parts: string[]; line: number }[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (/^[ \t\v\f\r]*(?:#|$)/.test(line)) continue;
    const last = lines.at(-1);
    if (last !== undefined && startsWithBlank(line)) last.parts.push(line);
    else lines.push({ parts: [line], line: index + 1 });
  }
  return lines;
}

/** C's isspace(): other spaces of Unicode are letters to Postfix. */
export function startsWithBlank(line: string): boolean {
  return /^[ \t\n\v\f\r]/.test(line);
}
