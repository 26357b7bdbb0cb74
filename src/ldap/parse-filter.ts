import { attributeDescriptionPattern, objectIdentifierPattern } from "./attribute-description.ts";
import type { Filter } from "./filter.ts";
import { LONGEST_TEXT } from "./longest-text.ts";
import { syntaxError } from "./syntax-error.ts";

/** Nobody writes a filter this deep; a limit keeps hostile ones from the stack here and in the directory. */
const DEEPEST = 100;

/**
 * Reads the text of a search filter (RFC 4515, with RFC 4526's `(&)` and `(|)`), strictly but for spaces and line
 * breaks around filters in a list, where administrators write them. Spaces in a value belong to the value.
 *
 * Throws a `ConfigError` that shows the text with the place marked, and nothing else. `option` is what that error names.
 */
export function parseFilter(text: string, option?: string): Filter {
  const reader = new FilterReader(text, option);
  const filter = reader.filter();
  reader.expectEnd();
  return filter;
}

/** Reads one or more filters side by side, `(a=b)(c=d)`. Throws as `parseFilter` does. */
export function parseFilters(text: string, option?: string): readonly Filter[] {
  const reader = new FilterReader(text, option);
  const filters = [reader.filter()];
  while (reader.isAt("(")) filters.push(reader.filter());
  reader.expectEnd();
  return filters;
}

/** A place in a text that moves forward only, so that the cost is linear. */
class FilterReader {
  readonly #text: string;
  readonly #option: string | undefined;
  #at = 0;
  #depth = 0;

  constructor(text: string, option: string | undefined) {
    this.#text = text;
    this.#option = option;
    if (typeof text !== "string") throw this.#wrong("A filter must be text.", 0, "");
    if (text.length > LONGEST_TEXT) {
      throw this.#wrong(`A filter has at most ${LONGEST_TEXT} characters.`, LONGEST_TEXT);
    }
    this.#skipSpace();
    if (this.#at === text.length) throw this.#wrong("The filter is empty.");
  }

  filter(): Filter {
    this.#skipSpace();
    if (!this.isAt("(")) {
      throw this.#wrong('A filter must start with "(" here, as in (uid=alice).');
    }
    if (++this.#depth > DEEPEST) {
      throw this.#wrong(`The filter is nested more than ${DEEPEST} deep.`);
    }
    this.#at++;
    this.#skipSpace();
    const filter = this.#content();
    if (!this.isAt(")")) throw this.#wrong('The filter lacks a ")" here.');
    this.#at++;
    this.#skipSpace();
    this.#depth--;
    return filter;
  }

  expectEnd(): void {
    if (this.isAt(")")) throw this.#wrong('The filter has a ")" too many.');
    if (this.#at < this.#text.length) {
      throw this.#wrong(
        "There is text after the end of the filter. Several filters need (&…) or (|…).",
      );
    }
  }

  isAt(expected: string): boolean {
    return this.#text.startsWith(expected, this.#at);
  }

  #content(): Filter {
    switch (this.#text[this.#at]) {
      case "&":
        return { type: "and", filters: this.#list() };
      case "|":
        return { type: "or", filters: this.#list() };
      case "!":
        return this.#not();
      case "(":
        throw this.#wrong("One pair of parentheses too many: a filter has its own pair only.");
      default:
        return this.#item();
    }
  }

  #list(): readonly Filter[] {
    this.#at++;
    this.#skipSpace();
    const filters: Filter[] = [];
    while (this.isAt("(")) filters.push(this.filter());
    return filters;
  }

  #not(): Filter {
    this.#at++;
    const filter = this.filter();
    if (this.isAt("(")) {
      throw this.#wrong('"!" takes one filter; write (!(&…)) or (!(|…)) for several.');
    }
    return { type: "not", filter };
  }

  #item(): Filter {
    const attribute = this.#match(attributeDescriptionPattern());
    if (this.isAt(":")) return this.#extensible(attribute);
    if (attribute === undefined) throw this.#wrong("An attribute's name is expected here.");
    if (this.#skip("=")) return this.#equalOrSubstrings(attribute);
    if (this.#skip(">=")) return { type: "greater-or-equal", attribute, value: this.#value() };
    if (this.#skip("<=")) return { type: "less-or-equal", attribute, value: this.#value() };
    if (this.#skip("~=")) return { type: "approx", attribute, value: this.#value() };
    throw this.#wrong("One of = >= <= ~= := is expected here.");
  }

  #extensible(attribute: string | undefined): Filter {
    const dnAttributes = /^:dn:/i.test(this.#text.slice(this.#at, this.#at + 4));
    if (dnAttributes) this.#at += 3;
    let rule: string | undefined;
    if (!this.isAt(":=")) {
      this.#at++;
      rule = this.#match(objectIdentifierPattern());
      if (rule === undefined) throw this.#wrong("A matching rule's name or OID is expected here.");
    }
    if (attribute === undefined && rule === undefined) {
      throw this.#wrong("An extensible match needs an attribute or a matching rule.");
    }
    if (!this.#skip(":=")) throw this.#wrong("A := is expected here.");
    return {
      type: "extensible",
      ...(rule === undefined ? {} : { rule }),
      ...(attribute === undefined ? {} : { attribute }),
      dnAttributes,
      value: this.#value(),
    };
  }

  #equalOrSubstrings(attribute: string): Filter {
    const initial = this.#piece();
    if (!this.#skip("*")) return { type: "equal", attribute, value: initial };

    const pieces: Buffer[] = [];
    let last = this.#piece();
    if (initial.length === 0 && last.length === 0 && !this.isAt("*")) {
      return { type: "present", attribute };
    }
    while (this.isAt("*")) {
      if (last.length === 0) throw this.#wrong("Two * in a row; a * itself is written \\2a.");
      pieces.push(last);
      this.#at++;
      last = this.#piece();
    }
    return {
      type: "substrings",
      attribute,
      ...(initial.length > 0 ? { initial } : {}),
      any: pieces,
      ...(last.length > 0 ? { final: last } : {}),
    };
  }

  /** A value in which `*` has no meaning. */
  #value(): Buffer {
    const value = this.#piece();
    if (this.isAt("*")) throw this.#wrong("A * has no meaning here; a * itself is written \\2a.");
    return value;
  }

  /** The bytes up to the next `*` or `)`. */
  #piece(): Buffer {
    const parts: Buffer[] = [];
    for (;;) {
      const plain = this.#match(/[^\\*()\0]+/y);
      if (plain !== undefined) {
        if (!plain.isWellFormed()) throw this.#wrong("Half a character (an unpaired surrogate).");
        parts.push(Buffer.from(plain));
      }
      const escaped = this.#match(/(?:\\[0-9A-Fa-f]{2})+/y);
      if (escaped !== undefined) parts.push(Buffer.from(escaped.replaceAll("\\", ""), "hex"));
      if (plain === undefined && escaped === undefined) break;
    }
    if (this.isAt("\\")) {
      throw this.#wrong("A backslash needs two hex digits after it; a backslash itself is \\5c.");
    }
    if (this.isAt("(")) throw this.#wrong("A parenthesis in a value is written \\28 or \\29.");
    if (this.isAt("\0")) throw this.#wrong("A NUL in a value is written \\00.");
    return Buffer.concat(parts);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #skip(expected: string): boolean {
    const isThere = this.isAt(expected);
    if (isThere) this.#at += expected.length;
    return isThere;
  }

  #skipSpace(): void {
    this.#match(/[ \t\r\n]+/y);
  }

  #wrong(problem: string, at = this.#at, text = this.#text): Error {
    return syntaxError(problem, text, at, this.#option);
  }
}
