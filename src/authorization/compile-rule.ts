import { ConfigError } from "../errors.ts";
import { compileAttribute, compileDn, compileUser } from "./compare-rules.ts";
import { type Decision, denied, GRANTED, settle } from "./decision.ts";
import { explained } from "./explained.ts";
import { prepareGroup } from "./groups/native-groups.ts";
import { compileHttpdRule } from "./httpd/compile-httpd-rule.ts";
import { courseOf } from "./httpd/course-of.ts";
import type { Warn } from "./httpd/filter-argument.ts";
import { compileLevel } from "./level-rule.ts";
import { limitsOf } from "./limit.ts";
import { allOf, anyOf, noneOf, notAnyOf } from "./logic.ts";
import type { CompiledRule } from "./question.ts";
import {
  compileEnv,
  compileExpression,
  compileFileGroup,
  compileIp,
  compileLocal,
  compileMethod,
  compileRemoteUser,
} from "./request-rules.ts";
import type { Rule } from "./rule.ts";
import { compileFilter, compileSearch } from "./search-rules.ts";
import { aboutPerson } from "./subject.ts";

/**
 * Checks a rule and prepares it once. An empty list, a wrong type, a DN or filter that can't be parsed, a negation that could not
 * have an effect is a `ConfigError` here, not a surprise in a request. `warn` hears of what never holds. Default: nobody hears it.
 */
export function compileRule(rule: Rule, warn: Warn = () => {}): CompiledRule {
  // As in httpd, for which the outermost list stands in an "all": where `<Limit>` leaves nothing of it, nothing is required.
  const compiled = compile(rule, { among: "all", negated: false, warn });
  return async (question) => {
    const { person, request } = question;
    const course = question.course ?? (person && courseOf(person));
    const decision = await compiled(course ? { ...question, course } : question);
    // Only an explanation comes without a request: what depends on one is then no no.
    const isOpen = request === undefined && decision.error === undefined;
    return isOpen && decision.outcome === "undecided" ? decision : settle(decision);
  };
}

/** Where a rule stands. */
interface Place {
  /** In which kind of list. */
  readonly among: "all" | "any";
  /** Below a rule that turns a no into a yes: there it must be a real one, and not the silence about what may not be read. */
  readonly negated: boolean;
  readonly warn: Warn;
}

function compile(rule: Rule, place: Place): CompiledRule {
  if (typeof rule !== "object" || rule === null) {
    throw new ConfigError(`Not a rule: ${rule}; one is { type: "valid-user" }.`);
  }
  const connective = compileConnective(rule, place);
  const compiled = connective ? named(rule, connective) : explained(rule, compileOne(rule, place));
  const applies = limitsOf(rule);
  if (applies === undefined) return compiled;
  const passed: Decision = {
    outcome: place.among === "all" ? "granted" : "neutral",
    reason: "says nothing about this method",
    rule,
  };
  return async (question) => (applies(question) ? compiled(question) : passed);
}

function named(rule: Rule, ask: CompiledRule): CompiledRule {
  return async (question) => ({ ...(await ask(question)), rule });
}

/** Undefined if the rule is no connective. */
function compileConnective(rule: Rule, place: Place): CompiledRule | undefined {
  switch (rule.type) {
    case "all":
      return allOf(compileAll(rule.rules, { ...place, among: "all" }));
    case "any":
      return anyOf(compileEach(rule.rules, "requireAny", { ...place, among: "any" }));
    case "none":
      return noneOf(
        compileEach(rule.rules, "requireNone", { ...place, among: "any", negated: true }),
      );
    case "not":
      // httpd: "negative Require directive has no effect in <RequireAny> directive".
      if (place.among === "any") {
        throw new ConfigError('A "not" has no effect in an "any", a "none" or another "not".');
      }
      return notAnyOf(compileEach(rule.rules, "not", { ...place, among: "any", negated: true }));
    case "limit":
      return allOf([compile(rule.rule, place)]);
    default:
      return undefined;
  }
}

function compileOne(rule: Rule, { negated, warn }: Place): CompiledRule {
  switch (rule.type) {
    case "valid-user":
      return aboutPerson(async () => GRANTED);
    case "user":
      return compileUser(rule.names);
    case "level":
      return compileLevel(rule.level);
    case "group":
      return prepareGroup(rule.groups, rule, negated);
    case "dn":
      return compileDn(rule.dns);
    case "attribute":
      return compileAttribute(rule.attribute, rule.values);
    case "filter":
      return compileFilter(rule.filter, negated);
    case "search":
      return compileSearch(rule);
    case "remote-user":
      return compileRemoteUser(rule.names);
    case "file-group":
      return compileFileGroup(rule.file, rule.groups);
    case "granted":
      return async () => GRANTED;
    case "denied":
      return async () => denied("nobody may");
    case "method":
      return compileMethod(rule.methods);
    case "ip":
      return compileIp(rule.addresses);
    case "local":
      return compileLocal();
    case "env":
      return compileEnv(rule.names);
    case "expr":
      return compileExpression(rule.expression);
    case "ldap-user":
    case "ldap-attribute":
    case "ldap-filter":
    case "ldap-search":
    case "ldap-dn":
    case "ldap-group":
      return compileHttpdRule(rule, negated, warn);
    default:
      throw new ConfigError(`There is no rule of type ${JSON.stringify((rule as Rule).type)}.`);
  }
}

function compileAll(rules: readonly Rule[], place: Place): readonly CompiledRule[] {
  const compiled = compileEach(rules, "requireAll", place);
  // httpd: "<RequireAll> directive contains only negative authorization directives".
  if (rules.every(isNegative)) {
    throw new ConfigError('An "all" of nothing but "not" lets nobody in.');
  }
  return compiled;
}

function isNegative(rule: Rule): boolean {
  return rule.type === "not" || (rule.type === "limit" && isNegative(rule.rule));
}

function compileEach(rules: readonly Rule[], guard: string, place: Place): readonly CompiledRule[] {
  if (!Array.isArray(rules) || rules.length === 0) {
    throw new ConfigError(`${guard} needs at least one guard.`);
  }
  return rules.map((rule) => compile(rule, place));
}
