import { ConfigError } from "../errors.ts";
import { compileAttribute, compileDn, compileUser } from "./compare-rules.ts";
import { GRANTED, settle } from "./decision.ts";
import { compileLevel } from "./level-rule.ts";
import { allOf, anyOf, noneOf } from "./logic.ts";
import type { CompiledRule } from "./question.ts";
import type { Rule } from "./rule.ts";
import { compileFilter, compileGroup, compileSearch } from "./search-rules.ts";

/**
 * Checks a rule and prepares it once. An empty list, a wrong type, a DN or filter that can't be parsed is a
 * `ConfigError` here, not a surprise in a request.
 */
export function compileRule(rule: Rule): CompiledRule {
  const compiled = compile(rule);
  return async (question) => settle(await compiled(question));
}

/**
 * `negated` is whether the rule stands below a requireNone, where a no lets in: there it must be a real one, and not the
 * silence about what the service account may not read.
 */
function compile(rule: Rule, negated = false): CompiledRule {
  switch (rule.type) {
    case "valid-user":
      return async () => GRANTED;
    case "user":
      return compileUser(rule.names);
    case "level":
      return compileLevel(rule.level);
    case "group":
      return compileGroup(rule.groups, negated);
    case "dn":
      return compileDn(rule.dns);
    case "attribute":
      return compileAttribute(rule.attribute, rule.values);
    case "filter":
      return compileFilter(rule.filter, negated);
    case "search":
      return compileSearch(rule);
    case "all":
      return allOf(compileEach(rule.rules, "requireAll", negated));
    case "any":
      return anyOf(compileEach(rule.rules, "requireAny", negated));
    case "none":
      return noneOf(compileEach(rule.rules, "requireNone", true));
    default:
      throw new ConfigError(`There is no rule of type ${JSON.stringify((rule as Rule).type)}.`);
  }
}

function compileEach(
  rules: readonly Rule[],
  guard: string,
  negated: boolean,
): readonly CompiledRule[] {
  if (!Array.isArray(rules) || rules.length === 0) {
    throw new ConfigError(`${guard} needs at least one guard.`);
  }
  return rules.map((rule) => compile(rule, negated));
}
