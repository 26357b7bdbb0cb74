import { type ByteSet, bytesOf, complementOf } from "./byte-set.ts";

/** PCRE's tables for bytes: those of the C locale. */
const WORD = bytesOf("A-Za-z0-9_");
const DIGIT = bytesOf("0-9");
const SPACE = bytesOf("\t-\r ");
const HORIZONTAL = bytesOf("\t \u00a0");
const VERTICAL = bytesOf("\n-\r\u0085");

/** `\d` and its kind, by their letter. */
export const ESCAPE_CLASSES: ReadonlyMap<string, ByteSet> = new Map([
  ["d", DIGIT],
  ["D", complementOf(DIGIT)],
  ["w", WORD],
  ["W", complementOf(WORD)],
  ["s", SPACE],
  ["S", complementOf(SPACE)],
  ["h", HORIZONTAL],
  ["H", complementOf(HORIZONTAL)],
  ["v", VERTICAL],
  ["V", complementOf(VERTICAL)],
]);

/** `[:alpha:]` and its kind. */
export const POSIX_CLASSES: ReadonlyMap<string, ByteSet> = new Map([
  ["alnum", bytesOf("A-Za-z0-9")],
  ["alpha", bytesOf("A-Za-z")],
  ["ascii", bytesOf("\0-\x7f")],
  ["blank", bytesOf("\t ")],
  ["cntrl", bytesOf("\0-\x1f\x7f")],
  ["digit", DIGIT],
  ["graph", bytesOf("!-~")],
  ["lower", bytesOf("a-z")],
  ["print", bytesOf(" -~")],
  ["punct", bytesOf("!-/:-@[-`{-~")],
  ["space", SPACE],
  ["upper", bytesOf("A-Z")],
  ["word", WORD],
  ["xdigit", bytesOf("0-9A-Fa-f")],
]);

export function isWordByte(byte: number | undefined): boolean {
  return byte !== undefined && WORD[byte] === 1;
}
