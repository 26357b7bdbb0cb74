import type { Rule } from "../../authorization/rule.ts";
import type { Access, AccessProvider } from "./access.ts";
import { readCharsets } from "./charsets.ts";
import { configErrorAt } from "./config-error-at.ts";
import type { Directive } from "./directive.ts";
import { wordsOf } from "./directive-table.ts";
import { environmentSteps } from "./environment-directives.ts";
import { groupSettingsOf } from "./group-directives.ts";
import { hostRule } from "./host-rules.ts";
import { ldapAccess } from "./ldap-directives.ts";
import type { Merged, ProviderAlias } from "./merged.ts";
import { needsUser, ruleOf } from "./require-lines.ts";
import { flagOf, lastOf, wordOf } from "./settings-of.ts";

/**
 * What the sections that apply to a path say, as plain data. What httpd would only find wrong when a request comes (500) is a
 * `ConfigError` here.
 */
export function accessOf(merged: Merged): Access {
  const directives = merged.directives.map(({ directive }) => directive);
  const own = ldapAccess(directives, merged.server);
  const aliases = merged.aliases.map((alias) => ({
    alias,
    ldap: ldapAccess(alias.directives, merged.server),
  }));
  const providers = providersOf(directives, own, aliases);
  const required =
    merged.require &&
    ruleOf(merged.require, {
      groups: groupSettingsOf(directives),
      compareDnOnServer: flagOf(directives, "AuthLDAPCompareDNOnServer", false),
      groupFile: wordOf(directives, "AuthGroupFile"),
      aliases: merged.aliases.filter(({ kind }) => kind === "authz"),
    });
  const rule = withHosts(required, directives);
  const ldap = own ?? directoryOfAliases(merged, aliases);
  const access: Access = {
    authType: authTypeOf(directives),
    authName: wordOf(directives, "AuthName"),
    providers,
    authoritative: flagOf(directives, "AuthBasicAuthoritative", true),
    ldap,
    rule,
    sendForbidden: flagOf(directives, "AuthzSendForbiddenOnFailure", false),
    environment: environmentSteps([...merged.server, ...directives]),
    charsets: readCharsets(lastOf(merged.server, "AuthLDAPCharsetConfig")),
  };
  checkComplete(access, directives, merged);
  return access;
}

interface OpenedAlias {
  readonly alias: ProviderAlias;
  readonly ldap: Access["ldap"];
}

function authTypeOf(directives: readonly Directive[]): Access["authType"] {
  const type = wordOf(directives, "AuthType")?.toLowerCase();
  return type === "basic" || type === "none" ? type : undefined;
}

/** AuthBasicProvider; httpd asks the file where none is named. */
function providersOf(
  directives: readonly Directive[],
  own: Access["ldap"],
  aliases: readonly OpenedAlias[],
): readonly AccessProvider[] {
  const named = lastOf(directives, "AuthBasicProvider");
  const at = named ?? lastOf(directives, "AuthType");
  if (at === undefined || authTypeOf(directives) !== "basic") return [];
  const file = wordOf(directives, "AuthUserFile");

  return (named ? wordsOf(named) : ["file"]).map((name) => {
    const base = aliases.find(({ alias }) => alias.kind === "authn" && alias.name === name);
    if (base) return providerOfAlias(at, name, base);
    if (name === "ldap") {
      if (own) return { kind: "ldap", name, ldap: own };
      throw configErrorAt(at, "the ldap provider needs an AuthLDAPURL in this section");
    }
    if (name === "file") {
      if (file !== undefined) return { kind: "file", name, file };
      throw configErrorAt(at, "the file provider needs an AuthUserFile in this section");
    }
    throw configErrorAt(at, `Unknown Authn provider: ${name}`);
  });
}

function providerOfAlias(
  at: Directive,
  name: string,
  { alias, ldap }: OpenedAlias,
): AccessProvider {
  if (alias.base === "ldap" && ldap) return { kind: "ldap", name, ldap };
  const file = wordOf(alias.directives, "AuthUserFile");
  if (alias.base === "file" && file !== undefined) return { kind: "file", name, file };
  throw configErrorAt(
    at,
    `the provider ${name} lacks its AuthLDAPURL or AuthUserFile, or is of a kind that is not carried`,
  );
}

/**
 * A `Require` alias brings a directory of its own. It is asked like the section's, so it has to be the same one.
 */
function directoryOfAliases(merged: Merged, aliases: readonly OpenedAlias[]): Access["ldap"] {
  const used = namesIn(merged.require);
  return aliases.find(({ alias }) => alias.kind === "authz" && used.has(alias.name))?.ldap;
}

function namesIn(node: Merged["require"]): ReadonlySet<string> {
  if (node === undefined) return new Set();
  if (node.kind === "require") return new Set([/^\S*/.exec(node.rest)?.[0] ?? ""]);
  const children = node.kind === "limit" ? [node.child] : node.children;
  return new Set(children.flatMap((child) => [...namesIn(child)]));
}

/** Satisfy: both the hosts and the rules, or one of the two. */
function withHosts(required: Rule | undefined, directives: readonly Directive[]): Rule | undefined {
  const hosts = hostRule(directives);
  if (hosts === undefined || required === undefined) return hosts ?? required;
  const isAny = wordOf(directives, "Satisfy")?.toLowerCase() === "any";
  return { type: isAny ? "any" : "all", rules: [hosts, required] };
}

/** What httpd answers with 500 when a request comes. */
function checkComplete(access: Access, directives: readonly Directive[], merged: Merged): void {
  const { authType, authName, rule, ldap } = access;
  const urls = directives.filter(({ name }) => name.toLowerCase() === "authldapurl");
  const [, second] = urls;
  if (second) throw configErrorAt(second, "a second AuthLDAPURL: httpd mixes the two, write one");
  const typed = lastOf(directives, "AuthType");
  if (typed && authType === "basic" && rule === undefined) {
    throw configErrorAt(typed, "there is no Require: httpd answers 500 to every request");
  }
  const first = merged.require?.directive;
  if (rule === undefined || first === undefined) return;
  for (const { alias, ldap: other } of access.ldap ? aliasesOf(merged) : []) {
    if (JSON.stringify(other) !== JSON.stringify(ldap)) {
      throw configErrorAt(
        alias.directive,
        "its directory is not that of the section it is used in; only one can be asked",
      );
    }
  }
  if (!needsUser(rule)) return;
  if (authType !== "basic") {
    throw configErrorAt(
      first,
      "it needs to know who it is, and there is no AuthType Basic: httpd answers 500",
    );
  }
  if (authName === undefined) throw configErrorAt(first, "there is no AuthName: httpd answers 500");
  if (ldap === undefined && asksDirectory(rule)) {
    throw configErrorAt(first, "there is no AuthLDAPURL for the ldap-* lines of this section");
  }

  function aliasesOf({ aliases, require, server }: Merged): readonly OpenedAlias[] {
    const used = namesIn(require);
    return aliases
      .filter(({ kind, name }) => kind === "authz" && used.has(name))
      .map((alias) => ({ alias, ldap: ldapAccess(alias.directives, server) ?? ldap }));
  }
}

function asksDirectory(rule: Rule): boolean {
  if ("rules" in rule) return rule.rules.some(asksDirectory);
  if (rule.type === "limit") return asksDirectory(rule.rule);
  return rule.type.startsWith("ldap-");
}
