import type { Rule } from "../../authorization/rule.ts";
import type { Access, AccessProvider } from "./access.ts";
import { readCharsets } from "./charsets.ts";
import { configErrorAt } from "./config-error-at.ts";
import type { Directive } from "./directive.ts";
import { wordsOf } from "./directive-table.ts";
import { environmentSteps } from "./environment-directives.ts";
import { hostRule } from "./host-rules.ts";
import { ldapAccess } from "./ldap-directives.ts";
import type { Merged, ProviderAlias } from "./merged.ts";
import { isLdapSetting, needsUser, requireSettingsOf, ruleOf } from "./require-lines.ts";
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
      ...requireSettingsOf(directives),
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
  checkComplete(access, own, directives, merged);
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

/** AuthBasicProvider, all its lines together; httpd asks the file where none is named. */
function providersOf(
  directives: readonly Directive[],
  own: Access["ldap"],
  aliases: readonly OpenedAlias[],
): readonly AccessProvider[] {
  const named = directives.filter(({ name }) => name.toLowerCase() === "authbasicprovider");
  const at = named.at(-1) ?? lastOf(directives, "AuthType");
  if (at === undefined || authTypeOf(directives) !== "basic") return [];
  const file = wordOf(directives, "AuthUserFile");

  return (named.length > 0 ? named.flatMap(wordsOf) : ["file"]).map((name) => {
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
  const own = aliases.filter(({ alias }) => alias.kind === "authz" && used.has(alias.name));
  return own.find(({ ldap }) => ldap !== undefined)?.ldap;
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
  const satisfy = lastOf(directives, "Satisfy");
  const isAny = satisfy !== undefined && wordsOf(satisfy)[0]?.toLowerCase() === "any";
  if (isAny && hosts === undefined && required !== undefined) {
    throw configErrorAt(
      satisfy,
      "without Order, Allow or Deny it lets everybody in, whatever is required: take it away, or say `Require all granted`",
    );
  }
  if (hosts === undefined || required === undefined) return hosts ?? required;
  return { type: isAny ? "any" : "all", rules: [hosts, required] };
}

/** What httpd answers with 500 when a request comes. */
function checkComplete(
  access: Access,
  own: Access["ldap"],
  directives: readonly Directive[],
  merged: Merged,
): void {
  const { authType, authName, rule } = access;
  const urls = directives.filter(({ name }) => name.toLowerCase() === "authldapurl");
  const [, second] = urls;
  if (second) throw configErrorAt(second, "a second AuthLDAPURL: httpd mixes the two, write one");
  const typed = lastOf(directives, "AuthType");
  if (typed && authType === "basic" && rule === undefined) {
    throw configErrorAt(typed, "there is no Require: httpd answers 500 to every request");
  }
  const first = merged.require?.directive;
  if (rule === undefined || first === undefined) return;
  checkDirectories(access, own, first, merged);
  if (!needsUser(rule)) return;
  if (authType !== "basic") {
    throw configErrorAt(
      first,
      "it needs to know who it is, and there is no AuthType Basic: httpd answers 500",
    );
  }
  if (authName === undefined) throw configErrorAt(first, "there is no AuthName: httpd answers 500");
}

/** Lines ask the section's directory, and those of an alias the alias' own: of all of them only one can be asked. */
function checkDirectories(
  { ldap }: Access,
  own: Access["ldap"],
  first: Directive,
  { aliases, require, server }: Merged,
): void {
  const types = new Set(namesIn(require));
  let asksOwn = false;
  for (const { kind, name, base, directive, directives } of aliases) {
    if (kind !== "authz" || !types.delete(name) || !base.startsWith("ldap-")) continue;
    if (!directives.some(isLdapSetting)) {
      asksOwn = true;
      continue;
    }
    const other = ldapAccess(directives, server);
    if (other === undefined) {
      throw configErrorAt(
        directive,
        "its AuthLDAP directives replace all of the section's, and there is no AuthLDAPURL among them",
      );
    }
    if (JSON.stringify(other) !== JSON.stringify(ldap)) {
      throw configErrorAt(
        directive,
        "its directory is not that of the section it is used in; only one can be asked",
      );
    }
  }
  if (own === undefined && (asksOwn || [...types].some((type) => type.startsWith("ldap-")))) {
    throw configErrorAt(first, "there is no AuthLDAPURL for the ldap-* lines of this section");
  }
}
