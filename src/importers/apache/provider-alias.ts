import { configErrorAt } from "./config-error-at.ts";
import type { Directive } from "./directive.ts";
import type { ProviderAlias } from "./merged.ts";
import { type Reader, readContent } from "./section-content.ts";

/** Reads `<AuthnProviderAlias>` or `<AuthzProviderAlias>`. Throws a `ConfigError`. */
export function providerAliasOf(
  directive: Directive,
  children: readonly Directive[],
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
  const content = readContent(children, { kind: "section", name: directive.name }, reader);
  const [nested] = content.files;
  const strange = nested ?? content.require?.node.directive;
  if (strange) throw configErrorAt(strange, "it has no effect here");
  const directives = content.directives.map((each) => each.directive);
  return { kind, base, name, argument, directive, directives };
}
