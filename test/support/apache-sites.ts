import { isAboutAccess } from "../../src/importers/apache/about-access.ts";
import type { Access } from "../../src/importers/apache/access.ts";
import type { CheckDirective, Merged, RequireNode } from "../../src/importers/apache/merged.ts";
import {
  type ParseOptions,
  parseApacheConfig,
} from "../../src/importers/apache/parse-apache-config.ts";
import { readSections } from "../../src/importers/apache/sections.ts";
import { compileSites, type SitesOptions } from "../../src/importers/apache/sites.ts";
import type { SkippedLine } from "../../src/importers/apache/skipped-line.ts";

/** What applies to a path, before its directives are turned into settings. */
export interface OpenedSites {
  readonly skipped: readonly SkippedLine[];
  /** Undefined where no section applies. */
  merged(path: string): Merged | "refuse" | undefined;
  /** The `Require` lines as text, `"none"` where there are none, `"open"` where no section applies. */
  require(path: string): string;
}

/** Sections, matching and merging alone: directives stay what they are. */
export function openApacheSites(
  text: string,
  options: ParseOptions & SitesOptions = {},
): OpenedSites {
  const mergedOf = new Map<Access, Merged>();
  const config = readSections(parseApacheConfig(text, options), options.file, check);
  const sites = compileSites(
    config,
    (merged) => {
      const access: Access = { ...NOTHING, rule: merged.require && { type: "denied" } };
      mergedOf.set(access, merged);
      return access;
    },
    options,
  );

  function merged(path: string): Merged | "refuse" | undefined {
    const access = sites.match(path);
    return typeof access === "object" ? mergedOf.get(access) : access;
  }

  return {
    skipped: config.skipped,
    merged,
    require(path) {
      const found = merged(path);
      if (typeof found === "object") return found.require ? describeRequire(found.require) : "none";
      return found ?? "open";
    },
  };
}

const check: CheckDirective = ({ name }) => (isAboutAccess(name) ? undefined : "not about access");

const NOTHING: Access = {
  authType: undefined,
  authName: undefined,
  providers: [],
  authoritative: true,
  ldap: undefined,
  rule: undefined,
  sendForbidden: false,
  environment: [],
  charsets: [],
};

/** `any(user a, not user b, POST?(user c))`. */
export function describeRequire(node: RequireNode): string {
  if (node.kind === "require") return `${node.negated ? "not " : ""}${node.rest}`;
  if (node.kind === "limit") {
    const methods = `${node.except ? "!" : ""}${node.methods.join("|")}`;
    return `${methods}?(${describeRequire(node.child)})`;
  }
  return `${node.kind}(${node.children.map(describeRequire).join(", ")})`;
}
