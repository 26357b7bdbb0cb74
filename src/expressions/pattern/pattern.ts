import { compileNode, type Program } from "./compile-node.ts";
import type { Node } from "./node.ts";
import { parsePattern } from "./parse-pattern.ts";
import { search } from "./search.ts";

/** A regular expression that takes time in proportion to the text, whatever the text is. */
export interface Pattern {
  /** How many groups capture. */
  readonly groups: number;
  /**
   * What the whole and the groups matched (empty where a group took no part), anywhere in the text; undefined where nothing
   * does. Throws a `CannotTell` for a text that is too long.
   */
  match(text: string): readonly string[] | undefined;
  /** Whether it matches anywhere in the text. Throws a `CannotTell` for a text that is too long. */
  test(text: string): boolean;
}

export interface PatternOptions {
  /** Of ASCII letters only, as in httpd. Default: false. */
  readonly ignoreCase?: boolean;
}

/**
 * Compiles the regular expressions of httpd (PCRE, on bytes; `.` takes line feeds, `$` is only the very end). Back references,
 * atomic groups, possessive quantifiers, `\Q…\E`, recursion and conditions are refused with a `ConfigError`, which marks the place.
 */
export function compilePattern(source: string, options: PatternOptions = {}): Pattern {
  const { node, groups } = parsePattern(source, options.ignoreCase ?? false);
  return patternOf(compileNode(node, source), groups);
}

/** The pattern of what has been built rather than written. Throws a `ConfigError` if it is too large. */
export function patternOfNode(node: Node, source: string): Pattern {
  return patternOf(compileNode(node, source), 0);
}

function patternOf(program: Program, groups: number): Pattern {
  return {
    groups,
    test: (text) => search(program, Buffer.from(text), 0) !== undefined,
    match(text) {
      const bytes = Buffer.from(text);
      const places = search(program, bytes, groups + 1);
      if (places === undefined) return undefined;
      return Array.from({ length: groups + 1 }, (_, i) => {
        const start = places[2 * i] ?? -1;
        const end = places[2 * i + 1] ?? -1;
        return start < 0 ? "" : bytes.toString("utf8", start, end);
      });
    },
  };
}
