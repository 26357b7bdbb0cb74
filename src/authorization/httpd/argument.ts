import { ConfigError } from "../../errors.ts";
import { CannotTell } from "../../expressions/cannot-tell.ts";
import type { Piece } from "../../expressions/expression.ts";
import { parseString } from "../../expressions/parse-string.ts";
import type { Variables } from "../../expressions/variables.ts";
import { type Decision, unanswerable } from "../decision.ts";
import type { Question } from "../question.ts";

/**
 * The argument of a `Require` line, parsed once. Words, pairs and filters are found in the administrator's own text only, at start: what is
 * put in later can't change what they are.
 */
export interface Argument {
  /** The text, with a NUL wherever something is put in. */
  readonly template: string;
  /** What is put in for this request, in order. Throws a `CannotTell`. */
  values(question: Question): readonly Value[];
}

/** `escaped`: by `%{ldap:…}`, as in RFC 4515. */
export type Value = Piece & { readonly kind: "value" | "escaped" };

const NOTHING_KNOWN: Variables = {
  variable: () => undefined,
  header: () => undefined,
  env: () => undefined,
};

/** Throws a `ConfigError` for an unknown variable or function. */
export function prepareArgument(text: string): Argument {
  if (typeof text !== "string" || text.includes("\0")) {
    throw new ConfigError("The argument of a Require line is text without NUL.");
  }
  const expression = parseString(text);
  const { constant } = expression;
  if (constant !== undefined) return { template: constant, values: () => [] };

  // Which pieces there are does not depend on what they hold.
  const pieces = expression.evaluate(NOTHING_KNOWN);
  return {
    template: pieces.map((piece) => (piece.kind === "literal" ? piece.text : "\0")).join(""),
    values({ request }) {
      if (request === undefined) throw new CannotTell("depends on the request, and there is none");
      return expression.evaluate(request).filter(isValue);
    },
  };
}

function isValue(piece: Piece): piece is Value {
  return piece.kind !== "literal";
}

/** A template's text, with what is put in changed for the place where it stands. */
export function fillIn(
  template: string,
  values: Iterator<Value>,
  change: (value: Value) => string = ({ text }) => text,
): string {
  return template.replaceAll("\0", () => {
    const next = values.next();
    return next.done ? "" : change(next.value);
  });
}

/** The decision where the argument has no value for this request; anything else is a defect, and is thrown on. */
export function withoutValue(error: unknown): Decision {
  if (error instanceof CannotTell) return unanswerable(error.message);
  throw error;
}
