import { ConfigError } from "../errors.ts";

/** How much of a long text is shown on either side of the place. */
const AROUND = 50;

/** What would break a line, hide text or is half a character. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * A `ConfigError` about a text that can't be read. Its message shows the text with the place marked, a long text cut
 * around it; `at` counts UTF-16 units.
 */
export function syntaxError(
  problem: string,
  text: string,
  at: number,
  option?: string,
): ConfigError {
  const start = Math.max(0, at - AROUND);
  const before = (start > 0 ? "…" : "") + printable(text.slice(start, at));
  const after = printable(text.slice(at, at + AROUND)) + (text.length > at + AROUND ? "…" : "");
  const caret = `${" ".repeat([...before].length)}^`;
  const message = `${problem}\n  ${before}${after}\n  ${caret}`;
  return new ConfigError(message, option === undefined ? {} : { option });
}

function printable(text: string): string {
  return text.replace(UNPRINTABLE, "\uFFFD");
}
