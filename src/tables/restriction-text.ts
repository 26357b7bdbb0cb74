const LONGEST = 1_000;

/**
 * An administrator's words, fit to be shown in a page, a log line or a terminal: one line, at most 1,000 letters. Line ends become blanks and other control
 * characters `?`, as in Postfix; so do those that turn the direction of writing.
 */
export function restrictionText(text: string): string {
  const short = text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
  return short
    .replace(/[\t\n\v\f\r\u0085\u2028\u2029]/g, " ")
    .replace(/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu, "?")
    .replace(/\p{Surrogate}/gu, "?")
    .trimEnd();
}
