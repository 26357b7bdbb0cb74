import { ConfigError } from "../../errors.ts";
import type { Filter } from "../../ldap/filter.ts";
import { parseFilter } from "../../ldap/parse-filter.ts";
import { mapValues } from "../filter-template.ts";
import type { Question } from "../question.ts";
import { prepareArgument, type Value } from "./argument.ts";

/** Hears of a rule that is allowed but never holds, so that nobody gets in by it. */
export type Warn = (message: string) => void;

/** The filter for a request; undefined where it can't be asked. Throws a `CannotTell`. */
export type FilterArgument = (question: Question) => Filter | undefined;

/** Stands for what is put in while the filter is parsed: it may be in a value, and nowhere else. No character of Unicode. */
const PLACE = "\u{10ffff}";

/** What could make a filter of a text that is none as it stands. */
const ANYTHING = ["x", "x=y", "(x=y)", "&", "!"];

/**
 * Parses the filter of a `Require` line once; `complete` makes the whole filter of what stands there. A text that is no filter is no error
 * in httpd, where such a line just never holds: here neither, and there is a warning. Throws a `ConfigError` where something is put
 * in elsewhere than in a value.
 */
export function prepareFilterArgument(
  text: string,
  complete: (text: string) => string,
  warn: Warn,
): FilterArgument {
  const argument = prepareArgument(text);
  const whole = complete(argument.template);
  const error = whole.includes(PLACE) ? undefined : syntaxErrorOf(whole.replaceAll("\0", PLACE));
  if (error && ANYTHING.every((part) => syntaxErrorOf(whole.replaceAll("\0", part)))) {
    warn(`Require with ${JSON.stringify(text)} never holds: it is no filter.`);
    return () => undefined;
  }
  if (error || whole.includes(PLACE)) {
    throw new ConfigError(`Only a value can be put in, not another part of a filter: ${text}`);
  }
  const filter = parseFilter(whole.replaceAll("\0", PLACE));
  return (question) => fill(filter, argument.values(question));
}

function syntaxErrorOf(text: string): ConfigError | undefined {
  try {
    parseFilter(text);
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

/** As bytes, so that nothing that is put in can become filter syntax. */
function fill(filter: Filter, values: readonly Value[]): Filter | undefined {
  const left = values.values();
  let isEmptied = false;
  const filled = mapValues(filter, (value) => {
    if (!value.includes(PLACE)) return value;
    const parts = value.toString("latin1").split(Buffer.from(PLACE).toString("latin1"));
    const [first = "", ...others] = parts.map((part) => Buffer.from(part, "latin1"));
    const bytes = others.flatMap((other) => [bytesOf(left.next().value), other]);
    const all = Buffer.concat([Buffer.from(first), ...bytes]);
    isEmptied ||= all.length === 0;
    return all;
  });
  // `mail=%{…}*` without the value would ask for anybody with a mail address.
  return isEmptied ? undefined : filled;
}

function bytesOf(value: Value | undefined): Buffer {
  const { kind, text = "" } = value ?? {};
  if (kind !== "escaped") return Buffer.from(text);
  const parts = text.split(/\\([0-9a-f]{2})/i);
  return Buffer.concat(parts.map((part, n) => Buffer.from(part, n % 2 === 1 ? "hex" : "utf8")));
}
