import type { PatternReader } from "./parse-pattern.ts";

const CONTROLS: ReadonlyMap<string, number> = new Map([
  ["a", 0x07],
  ["e", 0x1b],
  ["f", 0x0c],
  ["n", 0x0a],
  ["r", 0x0d],
  ["t", 0x09],
]);

/**
 * Reads what stands behind a backslash, where it is a single character: a control character, `\xHH`, or any character that
 * is no letter or digit, which then stands for itself. The others are refused: they mean something that is not carried.
 */
export function readEscapedByte(reader: PatternReader, start: number): Uint8Array {
  const rest = reader.source.slice(reader.at, reader.at + 6);
  const hex = /^x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,2})\})/.exec(rest);
  if (hex !== null) {
    reader.at += hex[0].length;
    const byte = Number.parseInt(hex[1] ?? hex[2] ?? "", 16);
    // A text of httpd has no NUL, nor do ours.
    if (byte !== 0) return Uint8Array.of(byte);
  }
  const character = String.fromCodePoint(rest.codePointAt(0) ?? 0);
  const control = CONTROLS.get(character);
  reader.at += character.length;
  if (control !== undefined) return Uint8Array.of(control);
  if (rest === "") throw reader.wrong("nothing behind the backslash", start);
  if (hex !== null || /[0-9A-Za-z\0]/.test(character)) {
    throw reader.wrong(`\\${character} can't be honoured`, start);
  }
  return Buffer.from(character);
}
