import type { Rule } from "../../../authorization/rule.ts";
import { ConfigError } from "../../../errors.ts";
import type { Access, AccessProvider, LdapAccess } from "../access.ts";
import { ruleTypes } from "./guard-code.ts";
import { array, call, literal, object } from "./literal.ts";

/** Who checks the passwords of a site: the arguments of `authnzLdap`, as code. Throws a `ConfigError` for what it can't be told. */
export function directoryCode(
  access: Access,
  rule: Rule,
  passwordCode: (placeholder: string) => string,
): string {
  const { authName, authType } = access;
  const [first, ...more] = access.providers;
  // httpd asks one that is named twice twice, to no effect.
  const others = more.filter(
    ({ name }, index) =>
      name !== first?.name && more.findIndex((other) => other.name === name) === index,
  );
  const asks = authType === "basic";
  const ldap = asks ? (first?.kind === "ldap" ? first.ldap : undefined) : access.ldap;
  if (ldap === undefined) {
    throw new ConfigError(
      asks
        ? "authnzLdap asks a directory first, and here it is a file"
        : "guards need an authnzLdap before them, and there is no AuthLDAPURL here",
    );
  }
  if (!asks && [...ruleTypes(rule)].some((type) => ABOUT_PEOPLE.test(type))) {
    throw new ConfigError("its rules are about people, and nobody can sign in");
  }
  checkSame(ldap, access, rule);
  const { bindPassword, ...rest } = ldap.options;
  const fields = optionFields(rest, bindPassword, passwordCode);
  if (authName !== undefined) fields.unshift(["realm", literal(authName)]);
  if (!asks) fields.push(["basic", "false"]);
  if (!asks || !alwaysAsks(rule)) fields.push(["anonymous", '"allow"']);
  if (others.length > 0) {
    const code = others.map((other) => providerCode(other, passwordCode));
    fields.push(["otherProviders", array(code)]);
  }
  return call("authnzLdap", [object(fields)]);
}

/** A rule asks the directory that identified somebody; in httpd it is the section's own. */
function checkSame(first: LdapAccess, access: Access, rule: Rule): void {
  const own = access.ldap ?? first;
  const asksDirectory = [...ruleTypes(rule)].some((type) => type.startsWith("ldap-"));
  const key = ({ options }: LdapAccess) => JSON.stringify(options);
  const directories = access.providers.filter((each) => each.kind === "ldap");
  const all = [first, ...directories.map(({ ldap }) => ldap)];
  if (asksDirectory && all.some((each) => key(each) !== key(own))) {
    throw new ConfigError("people come from one directory, and the rules ask another one");
  }
  const names = all.map(({ options }) => JSON.stringify(options.remoteUser ?? "name"));
  if (new Set(names).size > 1) {
    throw new ConfigError("the directories make REMOTE_USER of different attributes");
  }
}

function optionFields(
  options: Partial<LdapAccess["options"]>,
  bindPassword: unknown,
  passwordCode: (placeholder: string) => string,
): [string, string][] {
  const fields: [string, string][] = [];
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || isDefault(name, value)) continue;
    fields.push([name, literal(value)]);
    if (name === "bindDn") fields.push(["bindPassword", passwordCode(String(bindPassword))]);
  }
  return fields;
}

/** What need not be written. */
function isDefault(name: string, value: unknown): boolean {
  if (name === "searchAsUser" || name === "compareAsUser") return value === false;
  return name === "bindAuthoritative" && value === true;
}

/** What another directory may be told. */
const OF_OTHERS = [
  ...(["url", "bindDn", "bindPassword", "tls", "dereferenceAliases", "referrals"] as const),
  ...(["bindAuthoritative", "initialBindAsUser"] as const),
];

function providerCode(
  provider: AccessProvider,
  passwordCode: (placeholder: string) => string,
): string {
  if (provider.kind === "file") {
    const { name, file } = provider;
    return call("passwordFile", [literal({ file, name })]);
  }
  const { options } = provider.ldap;
  // So is the first one called here, whatever its alias is.
  const name = provider.name === "ldap" ? "ldap2" : provider.name;
  const known = Object.fromEntries(
    OF_OTHERS.filter((name) => name !== "bindPassword").map((name) => [name, options[name]]),
  );
  const fields = optionFields(known, options.bindPassword, passwordCode);
  return call("otherDirectory", [object([["name", literal(name)], ...fields])]);
}

/** Whether a rule says of nobody who is not signed in whether they may pass. */
function alwaysAsks(rule: Rule): boolean {
  if (rule.type === "any") return rule.rules.every(alwaysAsks);
  if (rule.type === "all") {
    return rule.rules.every((part) => part.type === "not" || alwaysAsks(part));
  }
  return ABOUT_PEOPLE.test(rule.type);
}

const ABOUT_PEOPLE = /^(?:valid-user|remote-user|file-group|ldap-.*)$/;
