import { configErrorAt } from "./config-error-at.ts";
import type { Directive } from "./directive.ts";
import type { ProviderAlias } from "./merged.ts";
import { type Reader, readContent } from "./section-content.ts";

/** Reads `<AuthnProviderAlias>` or `<AuthzProviderAlias>`. Throws a `ConfigError`. */
export function providerAliasOf(
  directive: Directive,
  children: readonly Directive[],
  others: readonly ProviderAlias[],
  reader: Reader,
): ProviderAlias {
  const kind = directive.name.toLowerCase() === "authnprovideralias" ? "authn" : "authz";
  const [base, name, argument = "", ...more] = directive.args;
  if (base === undefined || name === undefined || base === "" || name === "") {
    throw configErrorAt(directive, "directive requires additional arguments");
  }
  if (more.length > 0 || (kind === "authn" && argument !== "")) {
    throw configErrorAt(
      directive,
      "there are too many arguments: several for Require go in quotes",
    );
  }
  const isTaken = others.some((other) => other.kind === kind && other.name === name);
  if (isTaken || BASES[kind].test(name)) {
    throw configErrorAt(
      directive,
      "its name has already been used, for a base provider or for another alias",
    );
  }
  const content = readContent(children, { kind: "section", name: directive.name }, reader);
  const [nested] = content.files;
  const strange = nested ?? content.require?.node.directive;
  if (strange) throw configErrorAt(strange, "it has no effect here");
  const directives = content.directives.map((each) => each.directive);
  return { kind, base, name, argument, directive, directives };
}

/** The names that httpd's modules have taken. */
const BASES = {
  authn: /^(?:anon|dbd|dbm|file|ldap|socache)$/,
  authz:
    /^(?:all|dbd-\w+|dbm-[\w-]+|env|expr|file-group|file-owner|forward-dns|group|host|ip|ldap-\w+|local|method|not|ssl|ssl-verify-client|user|valid-user)$/,
} as const;
