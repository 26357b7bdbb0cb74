/** A name in a template: all that was typed, or what stands before its first `@`. */
export type NamePart = "user" | "username";

/** A piece of a template: text, the name of who signs in, or a variable that is not known here, as it was written. */
export type Piece =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "name"; readonly part: NamePart; readonly isLowerCase: boolean }
  | { readonly type: "unknown"; readonly variable: string };

const NAMES: Readonly<Record<string, NamePart>> = {
  u: "user",
  "{user}": "user",
  n: "username",
  "{username}": "username",
};

/**
 * Takes a text with Dovecot's %-variables apart: `%u` and `%n` with their long names `%{user}` and `%{username}`, `%L` before them, and `%%`. Whatever else
 * follows a `%`, a modifier or a width included, is unknown.
 */
export function readTemplate(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let plain = "";
  const flush = () => {
    if (plain !== "") pieces.push({ type: "text", text: plain });
    plain = "";
  };
  for (const [found] of text.matchAll(VARIABLES)) {
    if (!found.startsWith("%") || found === "%%") {
      plain += found === "%%" ? "%" : found;
      continue;
    }
    flush();
    const isLowerCase = found.startsWith("%L");
    const name = found.slice(isLowerCase ? 2 : 1);
    const part = Object.hasOwn(NAMES, name) ? NAMES[name] : undefined;
    pieces.push(
      part === undefined
        ? { type: "unknown", variable: found }
        : { type: "name", part, isLowerCase },
    );
  }
  flush();
  return pieces;
}

const VARIABLES = /[^%]+|%%|%[-.0-9]*[LUEXRHNMDT]*(?:\{[^}]*\}?|.)?/gs;

/** The text of a template without variables; undefined where it has any. */
export function plainText(text: string): string | undefined {
  const pieces = readTemplate(text);
  if (pieces.length === 0) return "";
  const [only] = pieces;
  return pieces.length === 1 && only?.type === "text" ? only.text : undefined;
}
