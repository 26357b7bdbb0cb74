import { ESCAPE_CLASSES, POSIX_CLASSES } from "./byte-classes.ts";
import { addAll, addRange, type ByteSet, complementOf, inBothCases, noBytes } from "./byte-set.ts";
import type { PatternReader } from "./parse-pattern.ts";
import { readEscapedByte } from "./read-escaped-byte.ts";

/** Reads a `[…]` whose bracket has been read. On bytes, as PCRE does it: `[äö]` is any byte of either. */
export function readByteClass(reader: PatternReader, ignoreCase: boolean): ByteSet {
  const { source } = reader;
  const start = reader.at - 1;
  const set = noBytes();
  const isNegated = source[reader.at] === "^";
  if (isNegated) reader.at++;

  for (let first = true; first || source[reader.at] !== "]"; first = false) {
    if (reader.at >= source.length) throw reader.wrong('a class lacks its "]"', start);
    const item = readItem(reader, start);
    const isRange = source[reader.at] === "-" && source[reader.at + 1] !== "]";
    if (!isRange) {
      if (item instanceof Uint8Array) for (const byte of item) set[byte] = 1;
      else addAll(set, item.set);
      continue;
    }
    reader.at++;
    if (reader.at >= source.length) throw reader.wrong('a class lacks its "]"', start);
    const end = readItem(reader, start);
    if (!(item instanceof Uint8Array && end instanceof Uint8Array)) {
      throw reader.wrong("a range needs a character at both ends");
    }
    // The bytes before the last one, and after the first one, stand for themselves.
    for (const byte of [...item, ...end]) set[byte] = 1;
    const [from, to] = [item.at(-1) ?? 0, end[0] ?? 0];
    if (from > to) throw reader.wrong("a range is the wrong way round");
    addRange(set, from, to);
  }
  reader.at++;
  const folded = ignoreCase ? inBothCases(set) : set;
  return isNegated ? complementOf(folded) : folded;
}

/** One character's bytes, or a class in the class. */
function readItem(reader: PatternReader, start: number): Uint8Array | { readonly set: ByteSet } {
  const { source } = reader;
  if (source[reader.at] === "[" && /[:.=]/.test(source[reader.at + 1] ?? "")) {
    const posix = readPosixClass(reader);
    if (posix !== undefined) return { set: posix };
  }
  const character = String.fromCodePoint(source.codePointAt(reader.at) ?? 0);
  const at = reader.at;
  reader.at += character.length;
  if (character !== "\\") return Buffer.from(character);

  const letter = source[reader.at] ?? "";
  const set = ESCAPE_CLASSES.get(letter);
  if (set === undefined && letter !== "b") return readEscapedByte(reader, at);
  reader.at++;
  if (set === undefined) return Uint8Array.of(0x08);
  if (reader.at > source.length) throw reader.wrong('a class lacks its "]"', start);
  return { set };
}

function readPosixClass(reader: PatternReader): ByteSet | undefined {
  const found = /\[([:.=])(\^?)([a-z]*)\1\]/y;
  found.lastIndex = reader.at;
  const [whole, kind, not, name = ""] = found.exec(reader.source) ?? [];
  if (whole === undefined) return undefined;
  const set = POSIX_CLASSES.get(name);
  if (kind !== ":" || set === undefined) throw reader.wrong(`${whole} is no known class`);
  reader.at += whole.length;
  return not === "^" ? complementOf(set) : set;
}
