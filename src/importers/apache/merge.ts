import { configErrorAt } from "./config-error-at.ts";
import type { Effective } from "./merged.ts";
import { joined, type LimitedNode } from "./require-tree.ts";
import type { SectionContent } from "./section-content.ts";

/** What sections say, one merged with the other. */
export interface MergedContent {
  readonly require: LimitedNode | undefined;
  readonly merging: SectionContent["merging"];
  readonly directives: readonly Effective[];
}

/**
 * Merges sections as httpd does: `groups` are those for folders, for files and for locations, which httpd merges each by itself
 * before it puts them together. Throws a `ConfigError` where an inner section would drop AuthLDAP* directives of an outer one.
 */
export function mergeSections(groups: readonly (readonly MergedContent[])[]): MergedContent {
  return groups
    .filter((group) => group.length > 0)
    .map((group) => group.reduce(merge))
    .reduce(merge, NOTHING);
}

const NOTHING: MergedContent = { require: undefined, merging: undefined, directives: [] };

function merge(outer: MergedContent, inner: MergedContent): MergedContent {
  return {
    ...mergeRequire(outer, inner),
    directives: mergeDirectives(outer.directives, inner.directives),
  };
}

/** mod_authz_core's merge_authz_core_dir_config. */
function mergeRequire(
  outer: MergedContent,
  inner: MergedContent,
): Pick<MergedContent, "require" | "merging"> {
  if (inner.merging === undefined && inner.require === undefined && outer.require !== undefined)
    return outer;
  if (inner.merging === undefined || inner.merging === "off") return inner;
  const { merging } = inner;
  if (outer.require === undefined || inner.require === undefined) {
    return { merging, require: outer.require ?? inner.require };
  }
  const kind = merging === "and" ? "all" : "any";
  const { directive } = outer.require.node;
  return { merging, require: joined(kind, directive, [outer.require, inner.require]) };
}

function mergeDirectives(
  outer: readonly Effective[],
  inner: readonly Effective[],
): readonly Effective[] {
  refuseDropped(outer, inner);
  const replaced = new Set(inner.map(moduleOf));
  replaced.delete(undefined);
  return [...outer.filter((each) => !replaced.has(moduleOf(each))), ...inner];
}

/** What an inner section replaces as a whole, where others are replaced one by one: a module that has no merging of its own, or a list. */
function moduleOf({ directive }: Effective): string | undefined {
  const name = directive.name.toLowerCase();
  if (name.startsWith("authldap")) return "authnz_ldap";
  if (/^(?:order|allow|deny|satisfy)$/.test(name)) return "access_compat";
  if (name === "authbasicprovider" || name === "ldaptrustedclientcert") return name;
  return undefined;
}

/** Any AuthLDAP* directive makes httpd forget all of the outer sections' silently. */
function refuseDropped(outer: readonly Effective[], inner: readonly Effective[]): void {
  const ours = inner.filter((each) => moduleOf(each) === "authnz_ldap");
  const [first] = ours;
  if (first === undefined) return;
  const names = new Set(ours.map(({ directive }) => directive.name.toLowerCase()));
  for (const { directive } of outer.filter((each) => moduleOf(each) === "authnz_ldap")) {
    if (names.has(directive.name.toLowerCase())) continue;
    throw configErrorAt(
      first.directive,
      `it drops ${directive.name} of line ${directive.line}, and all other AuthLDAP* directives of the sections around it: ` +
        "give in this section all that apply",
    );
  }
}
