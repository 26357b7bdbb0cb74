import type { Directive } from "./directive.ts";
import { wordsOf } from "./directive-table.ts";

/** The last directive of that name: the one that counts. */
export function lastOf(directives: readonly Directive[], name: string): Directive | undefined {
  return directives.findLast((one) => one.name.toLowerCase() === name.toLowerCase());
}

/** The first word of the last directive of that name. */
export function wordOf(directives: readonly Directive[], name: string): string | undefined {
  const found = lastOf(directives, name);
  return found && wordsOf(found)[0];
}

/** On or Off, in any letter case; checked before. */
export function flagOf(directives: readonly Directive[], name: string, fallback: boolean): boolean {
  const word = wordOf(directives, name);
  return word === undefined ? fallback : word.toLowerCase() === "on";
}
