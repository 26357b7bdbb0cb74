const LONGEST = 300;

/** What a visitor sent, cut to a length that fits a log record. */
export function logText(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1).toWellFormed()}…`;
}
