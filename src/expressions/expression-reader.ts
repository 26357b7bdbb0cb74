import type { ConfigError } from "../errors.ts";
import { syntaxError } from "../ldap/syntax-error.ts";

/** Where the parser of an expression is. */
export interface ExpressionReader {
  readonly text: string;
  at: number;
  /** Whether REMOTE_USER was met. */
  mentionsUser: boolean;
  /** Whether `$0` to `$9` can stand for something: there are no patterns in a mere string. */
  readonly hasCaptures: boolean;
  /** How many `%{…}` and parentheses are open. */
  open: number;
  /** What is wrong, in httpd's words where it has some, with the place marked. */
  wrong(problem: string, at?: number): ConfigError;
}

/** The longest piece of text, in bytes; httpd's MAX_STRING_LEN. */
const LONGEST_PIECE = 8_191;
/** As in httpd, where a deeper one fails at each request. */
const DEEPEST = 20;
/** Parentheses cost httpd nothing. */
const MOST_OPEN = 200;

export function expressionReader(text: string, hasCaptures: boolean): ExpressionReader {
  const reader: ExpressionReader = {
    text,
    at: 0,
    mentionsUser: false,
    hasCaptures,
    open: 0,
    wrong: (problem, at = reader.at) => syntaxError(problem, text, at),
  };
  if (!text.isWellFormed() || text.includes("\0")) {
    throw reader.wrong("An expression must be text without NUL.");
  }
  return reader;
}

/** Reads what a pattern matches here; the pattern is sticky (`y`). */
export function read(reader: ExpressionReader, pattern: RegExp): string | undefined {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text)?.[0];
  reader.at += found?.length ?? 0;
  return found;
}

/** Reads what is nested. However deep a text is, it must not run out of stack. */
export function nested<T>(reader: ExpressionReader, readInside: () => T): T {
  if (reader.open === MOST_OPEN) throw reader.wrong("Recursion limit reached");
  reader.open++;
  const inside = readInside();
  reader.open--;
  return inside;
}

export function checkLength(reader: ExpressionReader, length: number): void {
  if (length > LONGEST_PIECE) throw reader.wrong("String too long");
}

export function checkDepth(reader: ExpressionReader, depth: number): void {
  if (depth > DEEPEST) throw reader.wrong("Recursion limit reached");
}
