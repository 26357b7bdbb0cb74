import type { ConfigError } from "../../errors.ts";
import { syntaxError } from "../../ldap/syntax-error.ts";
import { ESCAPE_CLASSES } from "./byte-classes.ts";
import { type ByteSet, bytesOf, complementOf, inBothCases, oneByte } from "./byte-set.ts";
import { type Assertion, canBeEmpty, hasGroup, type Node } from "./node.ts";
import { readByteClass } from "./read-byte-class.ts";
import { readEscapedByte } from "./read-escaped-byte.ts";

export interface ParsedPattern {
  readonly node: Node;
  readonly groups: number;
}

/** Where the parser is; shared by those that read a part of a pattern. */
export interface PatternReader {
  readonly source: string;
  at: number;
  /** What is wrong, with the place marked. */
  wrong(problem: string, at?: number): ConfigError;
}

/** `(?i)`, `(?s)`, `(?m)`: in force up to the end of the group in which they stand. */
interface Flags {
  readonly ignoreCase: boolean;
  readonly dotAll: boolean;
  readonly multiline: boolean;
}

const DEEPEST = 100;
const MOST_REPETITIONS = 1_000;
const NOT_NEWLINE = complementOf(oneByte(0x0a));
const ANY = bytesOf("\0-\xff");

const ASSERTIONS: ReadonlyMap<string, Assertion> = new Map([
  ["A", "start"],
  ["z", "end"],
  ["Z", "end-or-last-newline"],
  ["b", "word-boundary"],
  ["B", "no-word-boundary"],
]);

/** Parses the regular expressions of httpd: see `compilePattern`. Throws a `ConfigError`. */
export function parsePattern(source: string, ignoreCase: boolean): ParsedPattern {
  const reader: PatternReader = {
    source,
    at: 0,
    wrong: (problem, at = reader.at) => syntaxError(`Regular expression: ${problem}`, source, at),
  };
  let groups = 0;

  function readAlternatives(given: Flags, depth: number): Node {
    if (depth > DEEPEST) throw reader.wrong("too many groups in each other");
    const nodes: Node[] = [];
    let flags = given;
    for (;;) {
      const [node, after] = readSequence(flags, depth);
      nodes.push(node);
      // In PCRE an option that is set in one alternative holds in those after it.
      flags = after;
      if (source[reader.at] !== "|") break;
      reader.at++;
    }
    const [only] = nodes;
    return nodes.length === 1 && only ? only : { type: "alternatives", nodes };
  }

  function readSequence(given: Flags, depth: number): readonly [Node, Flags] {
    const nodes: Node[] = [];
    let flags = given;
    while (reader.at < source.length && source[reader.at] !== "|" && source[reader.at] !== ")") {
      const changed = readFlags(flags);
      if (changed !== undefined) {
        flags = changed;
        continue;
      }
      const start = reader.at;
      nodes.push(readQuantifier(readAtom(flags, depth), start));
    }
    const [only] = nodes;
    return [nodes.length === 1 && only ? only : { type: "sequence", nodes }, flags];
  }

  /** `(?i)` and its kind; undefined where there is something else. */
  function readFlags(flags: Flags): Flags | undefined {
    const found = /\(\?([ims]*)(?:-([ims]*))?\)/y;
    found.lastIndex = reader.at;
    const [whole, on = "", off = ""] = found.exec(source) ?? [];
    if (whole === undefined || whole === "(?)") return undefined;
    reader.at += whole.length;
    return withFlags(flags, on, off);
  }

  function readAtom(flags: Flags, depth: number): Node {
    const start = reader.at;
    const character = String.fromCodePoint(source.codePointAt(start) ?? 0);
    reader.at += character.length;
    switch (character) {
      case "(":
        return readGroup(flags, depth, start);
      case "[":
        return { type: "byte", set: readByteClass(reader, flags.ignoreCase) };
      case ".":
        return { type: "byte", set: flags.dotAll ? ANY : NOT_NEWLINE };
      case "^":
        return { type: "assert", what: flags.multiline ? "line-start" : "start" };
      case "$":
        return { type: "assert", what: flags.multiline ? "line-end" : "end" };
      case "*":
      case "+":
      case "?":
        throw reader.wrong("nothing to repeat", start);
      case "\\":
        return readEscape(flags, start);
      default:
        return literal(Buffer.from(character), flags);
    }
  }

  function readEscape(flags: Flags, start: number): Node {
    const letter = source[reader.at] ?? "";
    const set = ESCAPE_CLASSES.get(letter);
    const what = ASSERTIONS.get(letter);
    if (set !== undefined || what !== undefined) reader.at++;
    if (set !== undefined) return { type: "byte", set };
    if (what !== undefined) return { type: "assert", what };
    if (/[1-9]/.test(letter)) {
      throw reader.wrong("back references can't be honoured, their time can't be bounded", start);
    }
    return literal(readEscapedByte(reader, start), flags);
  }

  function readGroup(flags: Flags, depth: number, start: number): Node {
    const opening =
      /\?(?:(?<plain>[ims]*(?:-[ims]*)?:)|(?<look><?[=!])|P?<(?<name>[A-Za-z_]\w*)>|'(?<quoted>[A-Za-z_]\w*)')/y;
    opening.lastIndex = reader.at;
    const found = opening.exec(source);
    if (found === null && /[?*]/.test(source[reader.at] ?? "")) {
      throw reader.wrong("this kind of group can't be honoured", start);
    }
    reader.at += found?.[0].length ?? 0;
    const { plain, look } = found?.groups ?? {};

    const isCapturing = plain === undefined && look === undefined;
    const index = isCapturing ? ++groups : 0;
    const [on = "", off = ""] = (plain ?? "").slice(0, -1).split("-");
    const node = readAlternatives(withFlags(flags, on, off), depth + 1);
    if (source[reader.at] !== ")") throw reader.wrong('a group lacks its ")"', start);
    reader.at++;

    if (isCapturing) return { type: "group", index, node };
    if (look === undefined) return node;
    if (hasGroup(node)) throw reader.wrong("groups in a look-around can't be honoured", start);
    return { type: "look", behind: look.startsWith("<"), negative: look.endsWith("!"), node };
  }

  function readQuantifier(node: Node, start: number): Node {
    const quantifier = /(?:([*+?])|\{([0-9]+)(?:(,)([0-9]*))?\})([?+]?)/y;
    quantifier.lastIndex = reader.at;
    const found = quantifier.exec(source);
    if (found === null) {
      // What PCRE makes of it depends on its version.
      if (/^\{[ 0-9,]*\}/.test(source.slice(reader.at, reader.at + 20))) {
        throw reader.wrong("a repetition is written {2}, {2,} or {2,5}");
      }
      return node;
    }
    const [whole, sign, from, comma, to, kind] = found;
    if (node.type === "assert" || node.type === "look") throw reader.wrong("nothing to repeat");
    if (kind === "+") throw reader.wrong("possessive quantifiers can't be honoured");
    const min = sign === undefined ? Number(from) : sign === "+" ? 1 : 0;
    const most = comma === undefined ? min : to === "" ? Number.POSITIVE_INFINITY : Number(to);
    const max = sign === undefined ? most : sign === "?" ? 1 : Number.POSITIVE_INFINITY;
    const limit = max === Number.POSITIVE_INFINITY ? min : max;
    if (max < min || limit > MOST_REPETITIONS) throw reader.wrong("repeated too often");
    if (max > 1 && hasGroup(node) && canBeEmpty(node)) {
      throw reader.wrong("a group that may match nothing can't be repeated", start);
    }
    reader.at += whole.length;
    if (/[*+?]/.test(source[reader.at] ?? "")) throw reader.wrong("nothing to repeat");
    const repeat = (repeated: Node): Node => ({
      type: "repeat",
      node: repeated,
      min,
      max,
      lazy: kind === "?",
    });
    // PCRE reads bytes: of a character of several bytes it repeats the last one.
    const last = node.type === "sequence" && source[start] !== "(" ? node.nodes.at(-1) : undefined;
    if (node.type !== "sequence" || last === undefined) return repeat(node);
    return { type: "sequence", nodes: [...node.nodes.slice(0, -1), repeat(last)] };
  }

  const node = readAlternatives({ ignoreCase, dotAll: true, multiline: false }, 0);
  if (reader.at < source.length) throw reader.wrong('a ")" without its "("');
  return { node, groups };
}

function withFlags(flags: Flags, on: string, off: string): Flags {
  const set = (letter: string, before: boolean) =>
    !off.includes(letter) && (on.includes(letter) || before);
  return {
    ignoreCase: set("i", flags.ignoreCase),
    dotAll: set("s", flags.dotAll),
    multiline: set("m", flags.multiline),
  };
}

function literal(bytes: Uint8Array, { ignoreCase }: Flags): Node {
  const nodes = Array.from(bytes, (byte): Node => {
    const set: ByteSet = oneByte(byte);
    return { type: "byte", set: ignoreCase ? inBothCases(set) : set };
  });
  const [only] = nodes;
  return nodes.length === 1 && only ? only : { type: "sequence", nodes };
}
