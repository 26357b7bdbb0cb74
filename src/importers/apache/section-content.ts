import { isAboutAccess } from "./about-access.ts";
import { configErrorAt } from "./config-error-at.ts";
import type { Directive } from "./directive.ts";
import { isMapping } from "./file-mapping.ts";
import type { CheckDirective, Effective, Place } from "./merged.ts";
import {
  ALL_METHODS,
  intersection,
  isNone,
  isWithin,
  type MethodSet,
  methodSet,
} from "./method-set.ts";
import {
  addContainer,
  addTo,
  type Container,
  closeContainer,
  type LimitedNode,
  nodeOfLine,
} from "./require-tree.ts";
import type { SkippedLine } from "./skipped-line.ts";

/** What one section says about access. */
export interface SectionContent {
  /** Its `Require` lines; undefined if it has none. */
  readonly require: LimitedNode | undefined;
  readonly merging: "off" | "and" | "or" | undefined;
  readonly directives: readonly Effective[];
  /** `<Files>` sections in it, which apply below it only. */
  readonly files: readonly Directive[];
}

/** Whoever reads sections is told by these what a directive is, and where to note what is not carried. */
export interface Reader {
  readonly check: CheckDirective;
  skip(line: SkippedLine): void;
}

/**
 * Reads what stands in a section, or directly in a .htaccess. Throws a `ConfigError` for what httpd refuses there and for what
 * decides about access but can't be carried.
 */
export function readContent(
  children: readonly Directive[],
  place: Place,
  reader: Reader,
): SectionContent {
  const content: Content = {
    place,
    reader,
    directives: [],
    files: [],
    url: undefined,
    merging: undefined,
  };
  const top: Container = { kind: "any", directive: undefined, children: [] };
  readInto(children, top, ALL_METHODS, content);
  const { merging, directives, files } = content;
  const require = top.children.length === 0 ? undefined : closeContainer(top);
  return { require, merging, directives, files };
}

/** Notes a line that is not carried. */
export function skip(directive: Directive, reason: string, reader: Reader): void {
  const { name, line, file, children } = directive;
  const shown = children ? `<${name}>` : name;
  reader.skip({ line, ...(file !== undefined && { file }), directive: shown, reason });
}

/** Whether a section with whatever is in it says anything about access. */
export function touchesAccess({ name, children = [] }: Directive): boolean {
  return isAboutAccess(name) || children.some(touchesAccess);
}

interface Content {
  readonly place: Place;
  readonly reader: Reader;
  readonly directives: Effective[];
  readonly files: Directive[];
  url: Directive | undefined;
  merging: SectionContent["merging"];
}

function readInto(
  children: readonly Directive[],
  container: Container,
  limit: MethodSet,
  content: Content,
): void {
  for (const directive of children) {
    if (directive.children) readInner(directive, directive.children, container, limit, content);
    else readLine(directive, container, limit, content);
  }
}

function readLine(
  directive: Directive,
  container: Container,
  limit: MethodSet,
  content: Content,
): void {
  const { reader, place } = content;
  const name = directive.name.toLowerCase();
  if (name === "require") {
    addTo(container, { node: nodeOfLine(directive), methods: limit });
    return;
  }
  if (name === "authmerging") {
    content.merging = mergingOf(directive);
    return;
  }
  if (name === "authldapurl") {
    if (content.url) {
      throw configErrorAt(
        directive,
        `there is one in line ${content.url.line} already: httpd would mix the two`,
      );
    }
    content.url = directive;
  }
  if (isMapping(name)) throw configErrorAt(directive, "within a section it is not supported");
  const reason = reader.check(directive, place);
  if (reason !== undefined) {
    skip(directive, reason, reader);
    return;
  }
  if (limit !== ALL_METHODS && /^(?:order|allow|deny|satisfy)$/.test(name)) {
    throw configErrorAt(directive, "within <Limit> it is not supported: write Require lines");
  }
  content.directives.push({ directive, place });
}

function mergingOf(directive: Directive): "off" | "and" | "or" {
  const [value = "", ...more] = directive.args;
  const word = value.toLowerCase();
  if (more.length > 0 || (word !== "off" && word !== "and" && word !== "or")) {
    throw configErrorAt(directive, "AuthMerging must be Off, And, or Or");
  }
  return word;
}

function readInner(
  directive: Directive,
  children: readonly Directive[],
  container: Container,
  limit: MethodSet,
  content: Content,
): void {
  const name = directive.name.toLowerCase();
  const kind = CONTAINERS.get(name);
  if (kind !== undefined) {
    if (directive.args.length > 0)
      throw configErrorAt(directive, "directive doesn't take additional arguments");
    const inner: Container = { kind, directive, children: [] };
    readInto(children, inner, limit, content);
    addContainer(container, inner);
    return;
  }
  if (name === "limit" || name === "limitexcept") {
    readInto(children, container, limitOf(directive, name === "limitexcept", limit), content);
    return;
  }
  if (name === "files" || name === "filesmatch") {
    const isInLocation = content.place.kind === "section" && /^location/i.test(content.place.name);
    if (isInLocation) throw configErrorAt(directive, "it cannot occur within <Location> section");
    if (container.directive || limit !== ALL_METHODS)
      throw configErrorAt(directive, "it cannot occur here");
    content.files.push(directive);
    return;
  }
  if (touchesAccess(directive) || NEVER_INSIDE.test(name)) {
    throw configErrorAt(
      directive,
      "what it says about access can't be honoured here: write it as a section of its own",
    );
  }
  skip(directive, "nothing in it is about access, or it does not hold", content.reader);
}

const NEVER_INSIDE =
  /^(?:location|locationmatch|directory|directorymatch|virtualhost|proxy|proxymatch)$/;

const CONTAINERS: ReadonlyMap<string, "all" | "any" | "none"> = new Map([
  ["requireall", "all"],
  ["requireany", "any"],
  ["requirenone", "none"],
]);

function limitOf(directive: Directive, except: boolean, outer: MethodSet): MethodSet {
  const { args } = directive;
  if (args.length === 0) throw configErrorAt(directive, "it requires additional arguments");
  for (const method of args) {
    if (!except && method === "TRACE") {
      throw configErrorAt(directive, "TRACE cannot be controlled by <Limit>, see TraceEnable");
    }
    // httpd would take `get` for a method of its own, that nobody sends.
    if (!/^[A-Z][A-Z-]*$/.test(method))
      throw configErrorAt(directive, "write methods in capital letters");
  }
  const named = methodSet(args, except);
  const inner = intersection(outer, named);
  if (isNone(inner)) throw configErrorAt(directive, "directive excludes all methods");
  if (isWithin(outer, named))
    throw configErrorAt(directive, "directive specifies methods already excluded");
  return inner;
}
