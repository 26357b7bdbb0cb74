import { configErrorAt } from "./config-error-at.ts";
import type { Directive } from "./directive.ts";
import { trimBlanks } from "./lines.ts";
import { wordsOf } from "./words.ts";

/**
 * The directive of a line, of which `word` is the first word and `behind` the rest; for `<Name …>` a section without anything in it
 * yet. Throws a `ConfigError` for what can be neither.
 */
export function directiveOf(
  word: string,
  behind: string,
  at: Pick<Directive, "name" | "line" | "file">,
): Directive {
  if (!word.startsWith("<")) {
    if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(word)) throw configErrorAt(at, "this is no directive");
    const rest = trimBlanks(behind);
    return { ...at, name: word, args: wordsOf(rest), rest };
  }
  const isEnded = word.endsWith(">");
  const name = word.slice(1, isEnded ? -1 : undefined);
  if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name)) throw configErrorAt(at, "this is no section");
  const end = isEnded && behind === "" ? 0 : behind.lastIndexOf(">");
  if (end < 0) throw configErrorAt({ ...at, name, children: [] }, "directive missing closing '>'");
  const rest = trimBlanks(behind.slice(0, end));
  return { ...at, name, args: wordsOf(rest), rest, children: [] };
}

/** The first name of what is still in a text whose variables have been replaced. `${map:key}` is none. */
export function undefinedNameIn(text: string): string | undefined {
  for (let at = text.indexOf("${"); at >= 0; at = text.indexOf("${", at)) {
    const end = text.indexOf("}", at);
    if (end < 0) return undefined;
    const name = text.slice(at + 2, end);
    if (!name.includes(":")) return name;
    at = end;
  }
  return undefined;
}

/** What to say of a directive with such a name. */
export function notDefined(name: string): string {
  return /^\w{1,64}$/.test(name)
    ? `\${${name}} is not defined: write a Define above`
    : "it has a variable that is not defined";
}
