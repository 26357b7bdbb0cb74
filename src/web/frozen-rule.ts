import type { Rule } from "../authorization/rule.ts";

/** A copy of a rule that nobody can change after it was checked. */
export function frozenRule(rule: Rule): Rule {
  return frozen(rule) as Rule;
}

function frozen(value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze(value.map(frozen));
  // What is no plain data is no rule, and may lead anywhere: a request that came where a name should be.
  if (typeof value !== "object" || value === null || !isPlain(value)) return value;
  return Object.freeze(
    Object.fromEntries(Object.entries(value).map(([key, part]) => [key, frozen(part)])),
  );
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
