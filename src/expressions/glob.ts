import { ConfigError } from "../errors.ts";
import { CannotTell } from "./cannot-tell.ts";
import {
  addRange,
  type ByteSet,
  bytesOf,
  complementOf,
  inBothCases,
  noBytes,
  oneByte,
} from "./pattern/byte-set.ts";
import type { Node } from "./pattern/node.ts";
import { type Pattern, patternOfNode } from "./pattern/pattern.ts";

/** `-strmatch`, `-strcmatch` (ignores the case of ASCII letters), `-fnmatch` (wildcards do not match `/`). */
export interface GlobOptions {
  readonly ignoreCase: boolean;
  readonly isPath: boolean;
}

const ANY = bytesOf("\0-\xff");
const NO_SLASH = complementOf(oneByte(0x2f));

/** The pattern of a text with wildcards: `*`, `?`, `[a-z]`, `[!a-z]`, and backslashes, as in APR. Throws a `CannotTell` if it is too large. */
export function compileGlob(text: string, options: GlobOptions): Pattern {
  const nodes: Node[] = [{ type: "assert", what: "start" }];
  const { ignoreCase, isPath } = options;
  const wildcard = isPath ? NO_SLASH : ANY;
  const bytes = Buffer.from(text);
  const put = (set: ByteSet) => nodes.push({ type: "byte", set });

  let at = 0;
  while (at < bytes.length) {
    const byte = bytes[at] ?? 0;
    const next = bytes[at + 1];
    const bracket = byte === 0x5b ? readBracket(bytes, at, options) : undefined;
    if (bracket !== undefined) {
      put(bracket.set);
      at = bracket.end;
    } else if (byte === 0x2a) {
      const any: Node = { type: "byte", set: wildcard };
      // Several in a row are one.
      if (bytes[at - 1] !== 0x2a || nodes.at(-1)?.type !== "repeat") {
        nodes.push({
          type: "repeat",
          node: any,
          min: 0,
          max: Number.POSITIVE_INFINITY,
          lazy: false,
        });
      }
      at++;
    } else if (byte === 0x3f) {
      put(wildcard);
      at++;
    } else {
      const isEscape = byte === 0x5c && next !== undefined;
      const one = oneByte(isEscape ? next : byte);
      put(ignoreCase ? inBothCases(one) : one);
      at += isEscape ? 2 : 1;
    }
  }
  nodes.push({ type: "assert", what: "end" });
  try {
    return patternOfNode({ type: "sequence", nodes }, text);
  } catch (error) {
    // The wildcards may be a visitor's.
    throw error instanceof ConfigError ? new CannotTell("wildcards are too long") : error;
  }
}

/** A `[…]`; undefined if it has no end: then the bracket is itself. */
function readBracket(
  bytes: Uint8Array,
  start: number,
  { ignoreCase, isPath }: GlobOptions,
): { readonly set: ByteSet; readonly end: number } | undefined {
  let at = start + 1;
  const isNegated = bytes[at] === 0x21 || bytes[at] === 0x5e;
  if (isNegated) at++;
  const set = noBytes();
  const readOne = (): number | undefined => {
    if (bytes[at] === 0x5c && at + 1 < bytes.length) at++;
    return bytes[at++];
  };
  for (let first = true; first || bytes[at] !== 0x5d; first = false) {
    const from = readOne();
    if (from === undefined || (isPath && from === 0x2f)) return undefined;
    const isRange = bytes[at] === 0x2d && bytes[at + 1] !== undefined && bytes[at + 1] !== 0x5d;
    if (isRange) at++;
    const to = isRange ? readOne() : from;
    if (to === undefined) return undefined;
    addRange(set, from, to);
    if (at >= bytes.length) return undefined;
  }
  const folded = ignoreCase ? inBothCases(set) : set;
  const members = isNegated ? complementOf(folded) : folded;
  if (isPath) members[0x2f] = 0;
  return { set: members, end: at + 1 };
}
