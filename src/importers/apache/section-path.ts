import { ConfigError } from "../../errors.ts";
import { compilePattern } from "../../expressions/pattern/pattern.ts";
import { configErrorAt } from "./config-error-at.ts";
import type { Directive } from "./directive.ts";
import { isGlob, matchesGlob } from "./glob.ts";

/** One way to read the path of a request. */
export interface PathReading {
  /** Decoded, slashes merged. */
  readonly url: string;
  /** Where it lies on httpd's disk; undefined where the configuration does not say. */
  readonly file: string | undefined;
  /** What may be the name of the file. */
  readonly names: readonly string[];
  readonly ignoreCase: boolean;
}

/** What a section's argument means. */
export interface SectionPath {
  /** Whether the section is about this path. Throws a `CannotTell` for a path that is too long for a pattern. */
  matches(path: PathReading): boolean;
  /** The path as written, without a slash at its end; for patterns their source. */
  readonly written: string;
  /** The same where it has no wildcard. */
  readonly literal: string | undefined;
  /** How many folders deep; 0 for `/` and for patterns. */
  readonly depth: number;
  readonly isPattern: boolean;
}

/** `<Location PATH>`, `<Location ~ REGEX>`, `<LocationMatch REGEX>`. Throws a `ConfigError`. */
export function locationPath(directive: Directive): SectionPath {
  const { text, isPattern } = argumentOf(directive);
  if (isPattern) return patternPath(directive, text, ({ url }) => [url]);
  if (!text.startsWith("/"))
    throw configErrorAt(directive, "only paths that begin with a slash are supported");
  // httpd takes it for a character of the path then, and matches nothing.
  if (text.includes("\\") && !isGlob(text))
    throw configErrorAt(directive, "a backslash without a wildcard has no meaning");
  const matches = isGlob(text)
    ? globMatcher(directive, text)
    : (url: string, prefix: string) =>
        url.startsWith(prefix) &&
        (prefix.endsWith("/") || url.length === prefix.length || url[prefix.length] === "/");
  return plainPath(text, matches, ({ url }) => [url]);
}

/** `<Directory PATH>`, `<Directory ~ REGEX>`, `<DirectoryMatch REGEX>`, with paths of httpd's disk. Throws a `ConfigError`. */
export function directoryPath(directive: Directive): SectionPath {
  const { text, isPattern } = argumentOf(directive);
  const files = ({ file }: PathReading) => (file === undefined ? [] : [file]);
  if (isPattern) return patternPath(directive, text, files);
  if (text === "/") {
    return { matches: () => true, written: "/", literal: "/", depth: 0, isPattern: false };
  }
  if (!text.startsWith("/") || /\/\.{1,2}(?:\/|$)/.test(text)) {
    throw configErrorAt(directive, "only absolute paths without dot segments are supported");
  }
  const path = text.replace(/\/{2,}/g, "/").replace(/\/$/, "");
  const depth = path.split("/").length - 1;
  const isPlain = !isGlob(path);
  const equals = isPlain
    ? (file: string, own: string) => file === own
    : globMatcher(directive, path);
  return {
    ...plainPath(path, (file, own) => equals(folderOf(file, depth, isPlain), own), files),
    depth,
  };
}

/**
 * The first segments of a file's path. Whether the last one is a folder can't be known: what is named without wildcards is
 * protected as if it were, wildcards take it for a file.
 */
function folderOf(file: string, depth: number, isPlain: boolean): string {
  const segments = file.split("/");
  return segments.slice(0, isPlain || segments.length > depth + 1 ? depth + 1 : 0).join("/");
}

/** `<Files NAME>`, `<Files ~ REGEX>`, `<FilesMatch REGEX>`. Throws a `ConfigError`. */
export function filesPath(directive: Directive): SectionPath {
  const { text, isPattern } = argumentOf(directive);
  if (isPattern) return patternPath(directive, text, ({ names }) => names);
  if (text.includes("/")) throw configErrorAt(directive, "a file's name has no slash");
  const equals = isGlob(text)
    ? globMatcher(directive, text)
    : (name: string, own: string) => name === own;
  return { ...plainPath(text, equals, ({ names }) => names), literal: undefined };
}

function argumentOf(directive: Directive): { readonly text: string; readonly isPattern: boolean } {
  const { name, args } = directive;
  const isMatch = name.toLowerCase().endsWith("match");
  const isTilde = !isMatch && args[0] === "~";
  const [text = "", ...more] = isTilde ? args.slice(1) : args;
  if (text === "") throw configErrorAt(directive, "it requires additional arguments");
  if (more.length > 0)
    throw configErrorAt(directive, `multiple <${name}> arguments not (yet) supported`);
  return { text, isPattern: isMatch || isTilde };
}

function plainPath(
  own: string,
  matches: (subject: string, own: string) => boolean,
  subjects: (path: PathReading) => readonly string[],
): SectionPath {
  const folded = own.toLowerCase();
  return {
    matches: (path) =>
      subjects(path).some((subject) =>
        path.ignoreCase ? matches(subject.toLowerCase(), folded) : matches(subject, own),
      ),
    written: own,
    literal: isGlob(own) ? undefined : own,
    depth: 0,
    isPattern: false,
  };
}

/** Wildcards never match a slash, so the segments match one by one. */
function globMatcher(
  directive: Directive,
  glob: string,
): (subject: string, glob: string) => boolean {
  if (/\[[^\]]*\//.test(glob))
    throw configErrorAt(directive, "a slash in brackets is not supported");
  return (subject, own) => {
    const patterns = own.split("/");
    const segments = subject.split("/");
    return (
      patterns.length === segments.length &&
      patterns.every((pattern, index) => matchesGlob(pattern, segments[index] ?? ""))
    );
  };
}

function patternPath(
  directive: Directive,
  source: string,
  subjects: (path: PathReading) => readonly string[],
): SectionPath {
  if (/\(\?P?[<'](?![=!])/.test(source)) {
    throw configErrorAt(directive, "groups with names, which set variables, are not supported");
  }
  const exact = patternOf(directive, source, false);
  const folded = patternOf(directive, source, true);
  return {
    matches: (path) => {
      const pattern = path.ignoreCase ? folded : exact;
      return subjects(path).some((subject) => pattern.test(subject));
    },
    written: source,
    literal: undefined,
    depth: 0,
    isPattern: true,
  };
}

function patternOf(directive: Directive, source: string, ignoreCase: boolean) {
  try {
    return compilePattern(source, { ignoreCase });
  } catch (error) {
    if (error instanceof ConfigError) throw configErrorAt(directive, error.message);
    throw error;
  }
}
