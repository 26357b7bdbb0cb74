import { METHODS } from "node:http";
import { readWords } from "../../authorization/httpd/words.ts";
import type { HttpdGroupSettings, Rule } from "../../authorization/rule.ts";
import { ConfigError } from "../../errors.ts";
import { parseNetwork } from "../../expressions/network.ts";
import { parseCondition } from "../../expressions/parse-condition.ts";
import { parseString } from "../../expressions/parse-string.ts";
import { configErrorAt } from "./config-error-at.ts";
import type { Directive } from "./directive.ts";
import { groupSettingsOf } from "./group-directives.ts";
import type { ProviderAlias, RequireNode } from "./merged.ts";
import { flagOf, wordOf } from "./settings-of.ts";

/** What the `Require` lines of a section depend on besides themselves. */
export interface RequireSettings {
  readonly groups: HttpdGroupSettings;
  readonly compareDnOnServer: boolean;
  /** AuthGroupFile. */
  readonly groupFile: string | undefined;
  readonly aliases: readonly ProviderAlias[];
}

/** What the AuthLDAP* directives of a section say about its `Require` lines. */
export function requireSettingsOf(
  directives: readonly Directive[],
): Pick<RequireSettings, "groups" | "compareDnOnServer"> {
  return {
    groups: groupSettingsOf(directives),
    compareDnOnServer: flagOf(directives, "AuthLDAPCompareDNOnServer", false),
  };
}

/** Whether it is one of those that an alias, or a section, replaces as a whole: mod_authnz_ldap does not merge them. */
export function isLdapSetting({ name }: Directive): boolean {
  return /^authldap/i.test(name);
}

/** What an alias says itself counts, instead of what the section does that it is used in. */
function withinAlias({ directives }: ProviderAlias, settings: RequireSettings): RequireSettings {
  return {
    ...settings,
    ...(directives.some(isLdapSetting) ? requireSettingsOf(directives) : {}),
    groupFile: wordOf(directives, "AuthGroupFile") ?? settings.groupFile,
    aliases: [],
  };
}

/** The rule that `Require` lines and their sections are. */
export function ruleOf(node: RequireNode, settings: RequireSettings): Rule {
  switch (node.kind) {
    case "require": {
      const rule = at(node.directive, () => lineRule(node.directive, node.rest, settings));
      return node.negated ? { type: "not", rules: [rule] } : rule;
    }
    case "limit":
      return {
        type: "limit",
        methods: node.methods,
        except: node.except,
        rule: ruleOf(node.child, settings),
      };
    default: {
      const rules = node.children.map((child) => ruleOf(child, settings));
      return { type: node.kind === "none" ? "not" : node.kind, rules };
    }
  }
}

/** Errors of an argument say in which line it stands. */
function at<T>(directive: Directive, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError) || error.option?.startsWith("apache:")) throw error;
    const message = `Cannot parse expression in require line: ${error.message}`;
    throw configErrorAt(directive, message, error);
  }
}

function lineRule(directive: Directive, rest: string, settings: RequireSettings): Rule {
  const [, type = "", argument = ""] = /^(\S*)\s*([\s\S]*)$/.exec(rest.trim()) ?? [];
  const alias = settings.aliases.find(({ name }) => name === type);
  if (alias) {
    const { base, argument: aliased } = alias;
    return lineRule(directive, `${base} ${aliased}`, withinAlias(alias, settings));
  }
  switch (type) {
    case "valid-user":
      return { type };
    case "ldap-user":
    case "ldap-attribute":
    case "ldap-filter":
    case "ldap-search":
      return { type, argument: parsed(argument) };
    case "ldap-dn":
      return { type, argument: parsed(argument), compareOnServer: settings.compareDnOnServer };
    case "ldap-group":
      return { type, argument: parsed(argument), ...settings.groups };
    case "all":
      return allRule(directive, argument);
    case "user":
      return { type: "remote-user", names: wordsOf(directive, argument) };
    case "group":
      return groupRule(directive, argument, settings);
    case "method":
      return { type, methods: methodsOf(directive, argument) };
    case "env":
      return { type, names: wordsOf(directive, argument) };
    case "ip":
      return ipRule(directive, argument);
    case "local":
      return { type };
    case "expr": {
      const expression = argument.trim().replace(/^"([\s\S]*)"$/, "$1");
      parseCondition(expression);
      return { type, expression };
    }
    case "host":
    case "forward-dns":
      throw configErrorAt(
        directive,
        `${type} asks the DNS, and that is not carried: write \`Require ip\``,
      );
    default:
      throw configErrorAt(
        directive,
        `Unknown Authz provider: ${type}; carried are ${TYPES.join(", ")}`,
      );
  }
}

const TYPES = [
  ...["all", "valid-user", "user", "group", "ldap-user", "ldap-group", "ldap-dn", "ldap-attribute"],
  ...["ldap-filter", "ldap-search", "ip", "local", "method", "env", "expr"],
];

/** Whether it can be read is seen at start. */
function parsed(argument: string): string {
  parseString(argument.trim());
  return argument.trim();
}

function allRule(directive: Directive, argument: string): Rule {
  const word = argument.trim().toLowerCase();
  if (word === "granted" || word === "denied") return { type: word };
  throw configErrorAt(directive, "Argument for 'Require all' must be 'granted' or 'denied'");
}

function groupRule(directive: Directive, argument: string, { groupFile }: RequireSettings): Rule {
  const groups = wordsOf(directive, argument);
  if (groupFile !== undefined) return { type: "file-group", file: groupFile, groups };
  throw configErrorAt(directive, "`Require group` needs an AuthGroupFile in this section");
}

function ipRule(directive: Directive, argument: string): Rule {
  const addresses = wordsOf(directive, argument);
  const wrong = addresses.find((address) => parseNetwork(address) === undefined);
  if (wrong === undefined) return { type: "ip", addresses };
  throw configErrorAt(directive, `ip address '${wrong}' appears to be invalid`);
}

/** Letter case counts; what is no method would never hold. */
function methodsOf(directive: Directive, argument: string): readonly string[] {
  const methods = wordsOf(directive, argument);
  const wrong = methods.find((method) => !KNOWN_METHODS.has(method));
  if (wrong === undefined) return methods;
  throw configErrorAt(directive, `Invalid Method '${wrong}'`);
}

/** Node's, and those that httpd knows besides (RFC 3253). */
const KNOWN_METHODS: ReadonlySet<string> = new Set([
  ...METHODS,
  ...["VERSION-CONTROL", "CHECKIN", "UNCHECKOUT", "UPDATE", "LABEL", "MKWORKSPACE"],
  ...["BASELINE-CONTROL", "ORDERPATCH"],
]);

/** The words of an argument that nothing is put into. */
function wordsOf(directive: Directive, argument: string): readonly string[] {
  const { constant } = parseString(argument.trim());
  if (constant === undefined) {
    throw configErrorAt(directive, "%{…} is carried in ldap-* and expr lines only");
  }
  const reader = readWords(constant);
  const words: string[] = [];
  while (!reader.atEnd) words.push(reader.word());
  const some = words.filter((word) => word !== "");
  if (some.length > 0) return some;
  throw configErrorAt(directive, "it names nothing, and lets nobody in");
}

const NOT_ABOUT_PEOPLE: ReadonlySet<Rule["type"]> = new Set([
  ...(["granted", "denied", "method", "ip", "local", "env", "ldap-search"] as const),
]);

/** Whether httpd may come to ask who it is because of a rule: not for ldap-search. */
export function needsUser(rule: Rule): boolean {
  if ("rules" in rule) return rule.rules.some(needsUser);
  if (rule.type === "limit") return needsUser(rule.rule);
  if (rule.type === "expr") return parseCondition(rule.expression).mentionsUser;
  return !NOT_ABOUT_PEOPLE.has(rule.type);
}
