import type { Variables } from "./variables.ts";

/** What a text of an expression may look at while it is evaluated. */
export interface Evaluation {
  readonly variables: Variables;
  /** What `$0` to `$9` stand for: of the last pattern with groups that was asked, undefined if it did not match. */
  captures: readonly string[] | undefined;
}

/** A part of an expression that gives a text, ready to be evaluated. */
export interface Word {
  /** The text, where it is known already. */
  readonly constant: string | undefined;
  /** `%{ldap:…}` of something that is not known yet. */
  readonly isEscaped?: boolean;
  /** As deep as httpd's evaluation goes for it. */
  readonly depth: number;
  evaluate(evaluation: Evaluation): string;
}

export function constantWord(text: string): Word {
  return { constant: text, depth: 1, evaluate: () => text };
}

/** What is between quotes, or several words joined by `.`. */
export function joinedWord(parts: readonly Word[]): Word {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const depth = 1 + Math.max(0, ...parts.map((part) => part.depth));
  const texts = parts.map((part) => part.constant);
  const constant = texts.includes(undefined) ? undefined : texts.join("");
  return {
    constant,
    depth,
    evaluate: (evaluation) => parts.map((part) => part.evaluate(evaluation)).join(""),
  };
}

/** `$0` to `$9`. */
export function captureWord(number: number): Word {
  return {
    constant: undefined,
    depth: 1,
    evaluate: ({ captures }) => captures?.[number] ?? "",
  };
}
