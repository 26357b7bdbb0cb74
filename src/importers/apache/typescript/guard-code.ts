import { readWords } from "../../../authorization/httpd/words.ts";
import type { HttpdRule, Rule } from "../../../authorization/rule.ts";
import { ConfigError } from "../../../errors.ts";
import { parseString } from "../../../expressions/parse-string.ts";
import { isAttributeDescription } from "../../../ldap/attribute-description.ts";
import { normalizeDn } from "../../../ldap/dn.ts";
import { parseFilter } from "../../../ldap/parse-filter.ts";
import { call, literal } from "./literal.ts";

/** The code of a guard that is a rule: made of the guards of the package where one says the same, else the rule itself. */
export function guardCode(rule: Rule): string {
  // An ldap-search puts the entry that it finds in the person's place for the lines behind it.
  const isOrdered = "rules" in rule && ruleTypes(rule).has("ldap-search");
  return isOrdered ? call("requireRule", [literal(rule)]) : codeOf(rule);
}

/** The types of a rule and of all rules in it. */
export function ruleTypes(rule: Rule): ReadonlySet<Rule["type"]> {
  const parts = "rules" in rule ? rule.rules : rule.type === "limit" ? [rule.rule] : [];
  return new Set([rule.type, ...parts.flatMap((part) => [...ruleTypes(part)])]);
}

function codeOf(rule: Rule): string {
  switch (rule.type) {
    case "valid-user":
      return "requireValidUser()";
    case "local":
      return "requireLocal()";
    case "granted":
      return "requireAllGranted()";
    case "denied":
      return "requireAllDenied()";
    case "remote-user":
      return withTexts("requireRemoteUser", rule.names);
    case "file-group":
      return withTexts("requireFileGroup", [rule.file, ...rule.groups]);
    case "method":
      return withTexts("requireMethod", rule.methods);
    case "ip":
      return withTexts("requireIp", rule.addresses);
    case "env":
      return withTexts("requireEnv", rule.names);
    case "expr":
      return withTexts("requireExpr", [rule.expression]);
    case "any":
    case "all":
      return call(rule.type === "any" ? "requireAny" : "requireAll", rule.rules.map(codeOf));
    case "not":
    case "none":
      return call("requireNone", rule.rules.map(codeOf));
    case "ldap-user":
    case "ldap-dn":
    case "ldap-attribute":
    case "ldap-filter":
    case "ldap-search":
      return guardOfLine(rule) ?? call("requireRule", [literal(rule)]);
    // Groups in groups, and what is required for some methods only, are said in httpd's own terms.
    default:
      return call("requireRule", [literal(rule)]);
  }
}

function withTexts(name: string, texts: readonly string[]): string {
  return call(name, texts.map(literal));
}

/** Undefined where none of the guards says the same: with `%{…}` in the argument, or where httpd's rule can never hold. */
function guardOfLine(rule: HttpdRule): string | undefined {
  const { constant } = parseString(rule.argument);
  if (constant === undefined || constant === "" || /%\{|\0/.test(constant)) return undefined;
  switch (rule.type) {
    case "ldap-user":
      return withTexts("requireUser", [...new Set([constant, ...wordsIn(constant)])]);
    case "ldap-dn":
      return normalizeDn(constant) ? withTexts("requireDn", [constant]) : undefined;
    case "ldap-attribute":
      return attributes(constant);
    case "ldap-filter":
      return isFilter(`(${constant})`) ? withTexts("requireFilter", [`(${constant})`]) : undefined;
    case "ldap-search":
      return isFilter(constant) ? withTexts("requireSearch", [constant]) : undefined;
    default:
      return undefined;
  }
}

function wordsIn(text: string): readonly string[] {
  const words: string[] = [];
  for (const reader = readWords(text); !reader.atEnd; ) words.push(reader.word());
  return words.filter((word) => word !== "");
}

/** Pairs `name=value`, read as httpd does. */
function attributes(text: string): string | undefined {
  const guards: string[] = [];
  for (const reader = readWords(text); !reader.atEnd; ) {
    const name = reader.until("=");
    const value = reader.word();
    if (value === "" || !isAttributeDescription(name)) return undefined;
    guards.push(withTexts("requireAttribute", [name, value]));
  }
  const [only = ""] = guards;
  return guards.length === 1 ? only : call("requireAny", guards);
}

function isFilter(text: string): boolean {
  try {
    parseFilter(text);
    return true;
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
}
