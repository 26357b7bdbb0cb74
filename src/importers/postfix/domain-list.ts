import { readFileSync } from "node:fs";
import { splitWords } from "./parameter-reader.ts";

/** The domains that are looked up, in lower case, or what is wrong with the list. */
type Read =
  | { readonly domains: readonly string[]; readonly warnings: readonly string[] }
  | { readonly problem: string; readonly cause?: unknown };

interface Pattern {
  readonly domain: string;
  readonly isIn: boolean;
}

/** Files may name files. */
const DEEPEST = 10;

/**
 * Reads `domain =` (Postfix's match lists): the first pattern that is a key's domain decides, `!` makes it one that is not looked up, and the words of a
 * `/file` stand for its name. They are read now, once.
 */
export function readDomains(list: string): Read {
  const patterns: Pattern[] = [];
  const warnings: string[] = [];
  try {
    collect(list, true, 0, patterns, warnings);
  } catch (error) {
    if (error instanceof Unusable) return { problem: error.message, cause: error.cause };
    throw error;
  }
  const decided = new Map<string, boolean>();
  for (const { domain, isIn } of patterns) {
    if (!decided.has(domain)) decided.set(domain, isIn);
  }
  const domains = [...decided].flatMap(([domain, isIn]) => (isIn ? [domain] : []));
  return { domains, warnings };
}

class Unusable extends Error {}

function collect(
  list: string,
  isIn: boolean,
  depth: number,
  patterns: Pattern[],
  warnings: string[],
): void {
  for (const word of splitWords(list)) {
    if (word.startsWith("#")) {
      warnings.push("comment at end of line is not supported");
      return;
    }
    const name = word.replace(/^!+/, "");
    const wordIsIn = (word.length - name.length) % 2 === 0 ? isIn : !isIn;
    if (name.startsWith("/")) {
      if (depth === DEEPEST) throw new Unusable(`files name files more than ${DEEPEST} deep`);
      for (const line of linesOf(name)) collect(line, wordIsIn, depth + 1, patterns, warnings);
    } else if (name.includes(":") && !name.startsWith("[")) {
      throw new Unusable(
        "a type:table in it can't be asked here: name the domains, or a /file that lists them",
      );
    } else {
      patterns.push({ domain: name.toLowerCase(), isIn: wordIsIn });
    }
  }
}

function linesOf(file: string): readonly string[] {
  try {
    const text = readFileSync(file, "utf8");
    return text.split("\n").filter((line) => !line.startsWith("#"));
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? ` (${cause.code})` : "";
    throw new Unusable(`can't read ${file}${code}`, { cause });
  }
}
