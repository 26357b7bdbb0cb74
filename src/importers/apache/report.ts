import type { Directive } from "./directive.ts";
import { checkDirective } from "./directive-table.ts";
import { type ParseOptions, parseApacheConfig } from "./parse-apache-config.ts";
import { readSections } from "./sections.ts";
import { withoutPasswords } from "./typescript/bind-passwords.ts";
import { withWholePaths } from "./whole-paths.ts";

/**
 * What is carried of a configuration, section by section, and what is not and why, each with its line: for people to read. Names
 * directives, never what they were given. Throws a `ConfigError` where something about access can't be carried.
 */
export function reportOn(text: string, options: ParseOptions = {}): readonly string[] {
  const { tree } = withoutPasswords(
    withWholePaths(parseApacheConfig(text, options), options.serverRoot),
  );
  const { sections, server, aliases, skipped } = readSections(tree, options.file, checkDirective);
  const carried = [
    ...(server.length > 0 ? [`  server: ${server.map(named).join(", ")}`] : []),
    ...aliases.map(({ directive, name, directives }) => {
      return `  ${placeOf(directive)}<${directive.name}> ${name}: ${directives.map(named).join(", ")}`;
    }),
    ...sections.map(({ directive, path, content }) => {
      const where = directive
        ? `${placeOf(directive)}<${directive.name} ${path.written}>`
        : "everywhere";
      const lines = content.directives.map((each) => named(each.directive));
      const rules = content.require ? ["its Require lines"] : [];
      return `  ${where}: ${[...lines, ...rules].join(", ") || "nothing about access"}`;
    }),
  ];
  return [
    "Carried:",
    ...(carried.length > 0 ? carried : ["  nothing: there is nothing about access in it"]),
    "Not carried:",
    ...(skipped.length > 0
      ? skipped.map((each) => `  ${placeOf(each)}${each.directive}: ${each.reason}`)
      : ["  nothing"]),
  ];
}

function named({ name, line }: Directive): string {
  return `${name} (line ${line})`;
}

function placeOf({ file, line }: { readonly file?: string; readonly line: number }): string {
  return file === undefined ? `line ${line}: ` : `${file}:${line} `;
}
