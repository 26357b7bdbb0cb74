const LONGEST = 300;
/** What most names are. */
const PLAIN = /^[\x20-\x7e]{0,300}$/;

/** What a visitor sent, cut to a length that fits a log record. */
export function logText(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1).toWellFormed()}…`;
}

/** The same for events, which may be written anywhere: nothing in it ends a line, moves a cursor or turns the direction of writing. */
export function eventText(text: string): string {
  if (PLAIN.test(text)) return text;
  return logText(text)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\ufffd");
}
