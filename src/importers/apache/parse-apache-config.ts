import { isAboutAccess } from "./about-access.ts";
import { configErrorAt } from "./config-error-at.ts";
import { directiveOf, notDefined, undefinedNameIn } from "./config-line.ts";
import { startDefinitions } from "./definitions.ts";
import type { Directive } from "./directive.ts";
import { OutsideError } from "./included-files.ts";
import { readLines } from "./lines.ts";
import { closeSection, type Frame, openSection } from "./open-section.ts";
import { filesOf, isFileError, type Reading } from "./reading.ts";
import { wordAt } from "./words.ts";

/** Options of `parseApacheConfig`. */
export interface ParseOptions {
  /** What the text is called in messages. A name that ends in `.htaccess` makes it one. Default: `httpd.conf`. */
  readonly file?: string;
  /** The folder that `Include` reads from, and never outside of it. Default: none, and `Include` is refused. */
  readonly serverRoot?: string;
}

/** Whether a file of this name is read as httpd reads what lies in a folder of the web site. */
export function isHtaccess(file: string | undefined): boolean {
  return file?.endsWith(".htaccess") ?? false;
}

/**
 * Reads Apache's configuration language: continued lines, quotes, `Define` and `${NAME}`, `Include`, and the conditional sections,
 * of which those that hold are replaced by what is in them and those that don't are left in the tree. Throws a `ConfigError` with
 * file and line for what httpd would not read, for `<Macro>`, and for what depends on a running httpd and touches access.
 */
export function parseApacheConfig(text: string, options: ParseOptions = {}): readonly Directive[] {
  const { file, serverRoot } = options;
  const top: Directive[] = [];
  const reading: Reading = {
    definitions: startDefinitions(MOST_TEXT),
    files: undefined,
    serverRoot,
    longest: isHtaccess(file) ? LONGEST_HTACCESS_LINE : MOST_TEXT,
    left: MOST_TEXT,
    filesRead: 0,
  };
  readText(text, file, frameOf(top), 0, [], reading);
  return top;
}

const MOST_TEXT = 16 * 1024 * 1024;
/** httpd's own limits for .htaccess, for files in files, and ours for the rest. */
const LONGEST_HTACCESS_LINE = 8190;
const MOST_INCLUDE_DEPTH = 20;
const MOST_FILES = 1000;
const MOST_SECTION_DEPTH = 100;

function frameOf(children: Directive[]): Frame {
  return { opened: undefined, children, counts: true, isDoubtful: false, touchesAccess: false };
}

function readText(
  text: string,
  file: string | undefined,
  outermost: Frame,
  depth: number,
  including: readonly string[],
  reading: Reading,
): void {
  const place = { name: "file", line: 1, ...(file !== undefined && { file }) };
  reading.left -= text.length;
  if (reading.left < 0) throw configErrorAt(place, `more than ${MOST_TEXT} characters to read`);
  const frames: Frame[] = [outermost];

  for (const { text: raw, line } of readLines(text, file, reading.longest)) {
    const frame = frames.at(-1) ?? outermost;
    const at = { name: "line", line, ...(file !== undefined && { file }) };
    const expanded = frame.counts ? reading.definitions.expand(raw) : raw;
    if (expanded === undefined) throw configErrorAt(at, "the variables in it make too much text");
    const first = wordAt(expanded, 0);
    if (first === undefined) continue;
    if (first.word.startsWith("</")) {
      closeSection(frames, first.word, at);
      continue;
    }
    const isSection = first.word.startsWith("<");
    const directive = directiveOf(first.word, expanded.slice(first.next), at);
    // What a value was made of is not looked at again: an undefined name in it stays too.
    const undefinedName = frame.counts ? undefinedNameIn(expanded) : undefined;
    if (isSection) {
      if (depth + frames.length > MOST_SECTION_DEPTH)
        throw configErrorAt(directive, "sections lie too deep in each other");
      frames.push(openSection(directive, frame, undefinedName, reading));
      continue;
    }
    if (isAboutAccess(directive.name)) {
      frame.touchesAccess = true;
      if (undefinedName !== undefined) throw configErrorAt(directive, notDefined(undefinedName));
    }
    if (frame.isDoubtful) doubt(directive, frame, reading);
    if (frame.counts && carryOut(directive, frame, undefinedName, depth, including, reading))
      continue;
    frame.children.push(directive);
  }

  const left = frames.at(-1)?.opened;
  if (frames.length > 1 && left) throw configErrorAt(left.directive, "the section was not closed");
}

/** What a directive would do, if the section around it held. */
function doubt({ name, args }: Directive, frame: Frame, { definitions }: Reading): void {
  // Nobody looks into these files, so they could hold anything.
  if (/^include(?:optional)?$/i.test(name)) frame.touchesAccess = true;
  if (/^(?:un)?define$/i.test(name)) definitions.forget(args[0] ?? "");
}

/** Whether the directive has done its work while being read. */
function carryOut(
  directive: Directive,
  frame: Frame,
  undefinedName: string | undefined,
  depth: number,
  including: readonly string[],
  reading: Reading,
): boolean {
  const [name, value] = directive.args;
  switch (directive.name.toLowerCase()) {
    case "define":
    case "undefine":
      if (name === undefined || name === "" || name.includes(":") || directive.args.length > 2) {
        throw configErrorAt(directive, "it takes a name without ':', and Define a value too");
      }
      if (directive.name.toLowerCase() === "define") reading.definitions.define(name, value);
      else reading.definitions.undefine(name);
      return true;
    case "use":
      throw configErrorAt(directive, "macros are not supported: write out what they stand for");
    case "error":
      throw configErrorAt(directive, "the configuration itself says that it can't be used");
    case "include":
    case "includeoptional":
      if (undefinedName !== undefined) throw configErrorAt(directive, notDefined(undefinedName));
      include(directive, frame, depth, including, reading);
      return true;
    default:
      return false;
  }
}

function include(
  directive: Directive,
  frame: Frame,
  depth: number,
  including: readonly string[],
  reading: Reading,
): void {
  const [path, ...more] = directive.args;
  if (path === undefined || path === "" || more.length > 0)
    throw configErrorAt(directive, "it takes one path");
  if (reading.serverRoot === undefined) {
    throw configErrorAt(directive, "say in the option serverRoot which folder may be read");
  }
  if (depth >= MOST_INCLUDE_DEPTH)
    throw configErrorAt(directive, "files are included too deep in each other");
  try {
    const files = filesOf(directive, reading.serverRoot, reading);
    const found = files.find(path);
    const isOptional = directive.name.toLowerCase() === "includeoptional";
    if (!isOptional && (found === undefined || found.length === 0)) {
      throw configErrorAt(directive, "there is no such file below serverRoot");
    }
    for (const file of found ?? []) {
      if (including.includes(file)) throw configErrorAt(directive, "the file includes itself");
      reading.filesRead++;
      if (reading.filesRead > MOST_FILES)
        throw configErrorAt(directive, "there are too many files to include");
      const inner = frameOf(frame.children);
      readText(files.read(file), file, inner, depth + 1, [...including, file], reading);
      if (inner.touchesAccess) frame.touchesAccess = true;
    }
  } catch (error) {
    if (error instanceof OutsideError) throw configErrorAt(directive, error.message);
    if (isFileError(error)) throw configErrorAt(directive, `a file can't be read (${error.code})`);
    throw error;
  }
}
