const LONGEST = 8_190;

/**
 * The lines of an AuthUserFile or AuthGroupFile as httpd takes them: a backslash at the end joins the next one, blanks around are
 * dropped, and so are empty ones and comments. Throws for a line of more than 8,190 bytes, at which httpd stops reading.
 */
export function fileLines(bytes: string): readonly string[] {
  const lines = bytes.replace(/\\\r?\n/g, "").split("\n");
  const trimmed = lines.map(trimBlanks);
  if (trimmed.some((line) => line.length > LONGEST)) throw new RangeError("a line is too long");
  return trimmed.filter((line) => line !== "" && !line.startsWith("#"));
}

// Not trim(): U+00A0 is a byte of letters here.
const BLANKS = " \t\v\f\r\n";

/** Without the blanks of ASCII around it. */
export function trimBlanks(bytes: string): string {
  let start = 0;
  let end = bytes.length;
  while (start < end && BLANKS.includes(bytes.charAt(start))) start++;
  while (end > start && BLANKS.includes(bytes.charAt(end - 1))) end--;
  return bytes.slice(start, end);
}

/** What stands before the first colon, and after it: several in a row count as one, as in httpd. */
export function splitAtColon(line: string): readonly [before: string, after: string] {
  const [, before = line, after = ""] = /^([^:]*):+(.*)$/s.exec(line) ?? [];
  return [before, after];
}
