import type { Access } from "./access.ts";
import { accessOf } from "./access-of.ts";
import { passwordOf } from "./bind-password.ts";
import { configErrorAt } from "./config-error-at.ts";
import type { Directive } from "./directive.ts";
import { checkDirective, unreadable, wordsOf } from "./directive-table.ts";
import { type ParseOptions, parseApacheConfig } from "./parse-apache-config.ts";
import { readSections, type Sections } from "./sections.ts";
import { compileSites, type Sites, type SitesOptions } from "./sites.ts";
import type { SkippedLine } from "./skipped-line.ts";
import { withWholePaths } from "./whole-paths.ts";

/** How an Apache configuration is read: `file`, `serverRoot` and `caseSensitive`. */
export interface ApacheConfigOptions extends ParseOptions, SitesOptions {}

/** A configuration that was read, and is consistent as far as that can be known before a request. */
export interface ApacheConfig extends Sites {
  readonly accesses: readonly Access[];
  /** What is not carried, and why. */
  readonly skipped: readonly SkippedLine[];
}

/**
 * Reads the text of an httpd.conf, a virtual host or a .htaccess. Throws a `ConfigError` that names file, line and directive for
 * what httpd refuses, and for what touches access and can't be honoured exactly.
 */
export function readApacheConfig(text: string, options: ApacheConfigOptions = {}): ApacheConfig {
  const sections = readApacheSections(text, options);
  return { ...compileSites(sections, accessOf, options), skipped: sections.skipped };
}

/** The text as sections, every line of it checked. */
export function readApacheSections(text: string, options: ApacheConfigOptions): Sections {
  const tree = withWholePaths(parseApacheConfig(text, options), options.serverRoot);
  const sections = readSections(tree, options.file, checkDirective);
  // The program of an exec: runs now, and not when a request first meets its section.
  for (const directive of tree.flatMap(withChildren)) {
    if (directive.name.toLowerCase() === "authldapbindpassword") passwordOf(directive);
    if (/^auth(?:user|group)file$/i.test(directive.name)) demandFile(directive);
  }
  return sections;
}

function withChildren(directive: Directive): readonly Directive[] {
  return [directive, ...(directive.children ?? []).flatMap(withChildren)];
}

function demandFile(directive: Directive): void {
  const reason = unreadable(wordsOf(directive)[0] ?? "");
  if (reason !== undefined) throw configErrorAt(directive, reason);
}
