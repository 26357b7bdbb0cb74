import { configErrorAt } from "./config-error-at.ts";
import type { Directive } from "./directive.ts";
import { type FileMapping, isMapping, readMapping } from "./file-mapping.ts";
import type { CheckDirective, Place, ProviderAlias } from "./merged.ts";
import { isHtaccess } from "./parse-apache-config.ts";
import { providerAliasOf } from "./provider-alias.ts";
import { isUnreachable, refuseUnreachable } from "./reachable.ts";
import {
  type Reader,
  readContent,
  type SectionContent,
  skip,
  touchesAccess,
} from "./section-content.ts";
import { directoryPath, filesPath, locationPath, type SectionPath } from "./section-path.ts";
import type { SkippedLine } from "./skipped-line.ts";
import { hostsOf } from "./virtual-hosts.ts";

/** Which of httpd's three walks a section belongs to. */
export type Walk = "directory" | "files" | "location";

export interface Section {
  readonly walk: Walk;
  readonly directive: Directive | undefined;
  readonly path: SectionPath;
  /** The `<Directory>` that a `<Files>` stands in. */
  readonly inside: SectionPath | undefined;
  readonly content: SectionContent;
}

/** A whole configuration, as far as it is about access. */
export interface Sections {
  /** In the order in which httpd merges them. */
  readonly sections: readonly Section[];
  readonly server: readonly Directive[];
  readonly aliases: readonly ProviderAlias[];
  readonly mapping: FileMapping;
  /** What a folder's own page may be called. */
  readonly indexNames: readonly string[];
  readonly skipped: readonly SkippedLine[];
}

/**
 * From lines to sections. A text whose name ends in `.htaccess`, or that has no name and no section, is a .htaccess: what it
 * says applies to all paths. Throws a `ConfigError`.
 */
export function readSections(
  tree: readonly Directive[],
  file: string | undefined,
  check: CheckDirective,
): Sections {
  const skipped: SkippedLine[] = [];
  const reader: Reader = { check, skip: (line) => skipped.push(line) };
  const isLoose =
    file === undefined && !tree.some(({ name, children }) => children && OUTERMOST.test(name));
  if (isHtaccess(file) || isLoose) return { ...readHtaccess(tree, reader), skipped };

  const { outer, inner } = hostsOf(tree, reader);
  const found: Found = { sections: [], server: [], aliases: [], indexNames: [] };
  for (const directive of outer) readTop(directive, found, false, reader);
  for (const directive of inner) readTop(directive, found, true, reader);
  const { server, aliases } = found;
  const mapping = mappingFor(found, outer, inner);
  const sections = inOrder(
    found.sections.filter((section) => isReachable(section, mapping, reader)),
  );
  return { sections, server, aliases, mapping, indexNames: indexNamesOf(found), skipped };
}

const OUTERMOST =
  /^(?:location|locationmatch|directory|directorymatch|virtualhost|authnprovideralias|authzprovideralias)$/i;
const EVERYWHERE: SectionPath = {
  matches: () => true,
  written: "/",
  literal: "/",
  depth: 0,
  isPattern: false,
};

interface Found {
  readonly sections: Section[];
  readonly server: Directive[];
  readonly aliases: ProviderAlias[];
  readonly indexNames: string[];
}

/** As much of where files lie as the sections need to know: those for files are not about the folder that all lie in. */
function mappingFor(
  { sections }: Found,
  outer: readonly Directive[],
  inner: readonly Directive[],
): FileMapping {
  const needsFolders = sections.some(
    ({ walk, path }) => walk === "directory" && path.literal !== "/",
  );
  const needsNames = sections.some(({ walk }) => walk === "files");
  const isNeeded = ({ name, children }: Directive) =>
    children === undefined &&
    (needsFolders ? isMapping(name) : needsNames && /alias/i.test(name) && isMapping(name));
  return readMapping(outer.filter(isNeeded), inner.filter(isNeeded));
}

function indexNamesOf({ indexNames }: Found): readonly string[] {
  return indexNames.length > 0 ? indexNames : ["index.html"];
}

function readHtaccess(tree: readonly Directive[], reader: Reader): Omit<Sections, "skipped"> {
  const found: Found = { sections: [], server: [], aliases: [], indexNames: [] };
  const lines = tree.filter((directive) => !noteIndex(directive, found));
  const content = readContent(lines, { kind: "htaccess" }, reader);
  const own: Section = {
    walk: "directory",
    directive: undefined,
    path: EVERYWHERE,
    inside: undefined,
    content,
  };
  const sections = [own, ...readFiles(content, EVERYWHERE, reader)];
  const mapping = { fileOf: () => undefined, roots: [] };
  return { sections, server: [], aliases: [], mapping, indexNames: indexNamesOf(found) };
}

function readTop(directive: Directive, found: Found, isInHost: boolean, reader: Reader): void {
  const { name, children } = directive;
  const word = name.toLowerCase();
  if (children === undefined) {
    if (isMapping(word) || noteIndex(directive, found)) return;
    if (word === "require" || word === "authmerging")
      throw configErrorAt(directive, `${name} not allowed here`);
    const reason = reader.check(directive, { kind: "server" });
    if (reason === undefined) found.server.push(directive);
    else skip(directive, reason, reader);
    return;
  }
  const place: Place = { kind: "section", name };
  const walk = WALKS.get(word.replace(/match$/, ""));
  if (walk !== undefined) {
    const path = PATHS[walk](directive);
    const content = readContent(children, place, reader);
    found.sections.push({ walk, directive, path, inside: undefined, content });
    if (walk === "directory") found.sections.push(...readFiles(content, path, reader));
    else refuseNested(content);
    return;
  }
  if (word === "authnprovideralias" || word === "authzprovideralias") {
    if (isInHost) throw configErrorAt(directive, "cannot occur within <VirtualHost> section");
    found.aliases.push(providerAliasOf(directive, children, found.aliases, reader));
    return;
  }
  if (/^(?:limit|limitexcept|requireall|requireany|requirenone)$/.test(word)) {
    throw configErrorAt(directive, `<${name}> not allowed here`);
  }
  if (touchesAccess(directive)) {
    throw configErrorAt(
      directive,
      "what it says about access can't be honoured: write it as <Location> or <LocationMatch>",
    );
  }
  skip(directive, "nothing in it is about access, or it does not hold", reader);
}

const WALKS: ReadonlyMap<string, Walk> = new Map([
  ["location", "location"],
  ["directory", "directory"],
  ["files", "files"],
]);

const PATHS = { location: locationPath, directory: directoryPath, files: filesPath } as const;

function noteIndex(directive: Directive, { indexNames }: Found): boolean {
  if (directive.children || directive.name.toLowerCase() !== "directoryindex") return false;
  indexNames.push(...directive.args);
  return true;
}

function readFiles(
  content: SectionContent,
  inside: SectionPath,
  reader: Reader,
): readonly Section[] {
  return content.files.map((directive) => {
    const own = readContent(
      directive.children ?? [],
      { kind: "section", name: directive.name },
      reader,
    );
    refuseNested(own);
    return { walk: "files", directive, path: filesPath(directive), inside, content: own };
  });
}

function refuseNested({ files }: SectionContent): void {
  const [nested] = files;
  if (nested) throw configErrorAt(nested, "httpd never looks at it here: write it outside");
}

function isReachable(section: Section, mapping: FileMapping, reader: Reader): boolean {
  const { directive, content, inside, walk } = section;
  const path = walk === "directory" ? section.path : inside;
  if (directive === undefined || path === undefined || !isUnreachable(path, mapping)) return true;
  refuseUnreachable(directive, content, mapping);
  skip(directive, "no path leads to it by DocumentRoot or Alias", reader);
  return false;
}

/** Folders from the outermost to the innermost, patterns after them; files; locations as they stand. */
function inOrder(sections: readonly Section[]): readonly Section[] {
  const folders = sections.filter(({ walk }) => walk === "directory");
  const plain = folders
    .filter(({ path }) => !path.isPattern)
    .toSorted((a, b) => a.path.depth - b.path.depth);
  const sorted = [...plain, ...folders.filter(({ path }) => path.isPattern)];
  const files = sections.filter(({ walk }) => walk === "files");
  const free = files.filter(({ inside }) => inside === undefined);
  const bound = sorted.flatMap(({ path }) => files.filter(({ inside }) => inside === path));
  return [...sorted, ...free, ...bound, ...sections.filter(({ walk }) => walk === "location")];
}
