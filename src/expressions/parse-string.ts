import type { Piece, StringExpression } from "./expression.ts";
import { checkDepth, expressionReader } from "./expression-reader.ts";
import { readText } from "./read-text.ts";
import { joinedWord, type Word } from "./word.ts";

/**
 * Parses the argument of a `Require` line once: text with `%{VARIABLE}`, `%{function:text}`, backslashes as in httpd (`\,` is a
 * comma, `\t` a tab, `\2` the character 2, `\\` a backslash). Quotes, and a `%` or `$` alone, stand for themselves; `$0` to `$9`
 * are empty. Throws a `ConfigError` with httpd's words for what is wrong, and for what can't be honoured.
 */
export function parseString(text: string): StringExpression {
  const reader = expressionReader(text, false);
  const words = readText(reader, undefined);
  const whole = joinedWord(words);
  checkDepth(reader, whole.depth);
  if (whole.constant !== undefined) {
    const pieces: readonly Piece[] =
      whole.constant === "" ? [] : [{ kind: "literal", text: whole.constant }];
    return { constant: whole.constant, evaluate: () => pieces };
  }
  return {
    constant: undefined,
    evaluate(variables) {
      const evaluation = { variables, captures: undefined };
      return words.map((word) => ({ kind: kindOf(word), text: word.evaluate(evaluation) }));
    },
  };
}

function kindOf({ constant, isEscaped }: Word): Piece["kind"] {
  if (constant !== undefined) return "literal";
  return isEscaped === true ? "escaped" : "value";
}
