import { type ExpressionReader, read } from "./expression-reader.ts";

/** What may stand in a condition besides texts and `%{…}`, which are read by who expects them. */
export type ConditionToken =
  | { readonly kind: "quote"; readonly text: "'" | '"'; readonly start: number }
  | {
      readonly kind:
        | "variable"
        | "capture"
        | "regex"
        | "sign"
        | "name"
        | "unary"
        | "binary"
        | "digits"
        | "end";
      readonly text: string;
      readonly start: number;
    };

/** Names that are signs, in lower case only. */
const WORDS: ReadonlySet<string> = new Set([
  ..."and or not lt le gt ge ne eq in true false".split(" "),
  ..."-in -eq -ne -lt -le -gt -ge".split(" "),
]);

/**
 * Reads the next token, of several the longest as httpd's scanner does. Of `quote`, `variable` and `regex` only what they begin
 * with (of `variable` nothing): the rest is left to be read.
 */
export function readToken(reader: ExpressionReader): ConditionToken {
  read(reader, /[ \t\n]+/y);
  const start = reader.at;
  const { text } = reader;
  const first = text[start];
  if (first === undefined) return { kind: "end", text: "the end", start };
  if (first === "'" || first === '"') {
    reader.at++;
    return { kind: "quote", text: first, start };
  }
  if (text.startsWith("%{", start)) return { kind: "variable", text: "%{", start };

  const name = read(reader, /[a-zA-Z][a-zA-Z0-9_]*/y);
  if (name !== undefined && !(name === "m" || name === "m_")) {
    return { kind: WORDS.has(name) ? "sign" : "name", text: name, start };
  }
  reader.at = start;
  const regex = read(reader, /\/|m[/#$%^,;:_?|\-!.'"]/y);
  if (regex !== undefined) return { kind: "regex", text: regex, start };
  const letter = read(reader, /m/y);
  if (letter !== undefined) return { kind: "name", text: letter, start };

  const operator = read(reader, /-[a-zA-Z_][a-zA-Z_0-9]*/y);
  if (operator !== undefined) {
    if (WORDS.has(operator)) return { kind: "sign", text: operator, start };
    const kind = operator.length === 2 ? "unary" : "binary";
    return { kind, text: operator.slice(1), start };
  }
  const digits = read(reader, /-?[0-9]+/y);
  if (digits !== undefined) return { kind: "digits", text: digits, start };
  const capture = read(reader, /\$[0-9]/y);
  if (capture !== undefined) return { kind: "capture", text: capture, start };
  const sign = read(reader, /==|=~|=|!=|!~|!|<=|<|>=|>|&&|\|\||[.(){},:]/y);
  if (sign !== undefined) return { kind: "sign", text: sign, start };
  throw reader.wrong(`Parse error near '${String.fromCodePoint(text.codePointAt(start) ?? 0)}'`);
}
