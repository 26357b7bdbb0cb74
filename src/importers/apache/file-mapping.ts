import { configErrorAt } from "./config-error-at.ts";
import type { Directive } from "./directive.ts";

/** Which file of httpd's disk a URL path stands for: DocumentRoot and Alias. */
export interface FileMapping {
  /** Undefined where the configuration does not say. */
  fileOf(url: string, ignoreCase: boolean): string | undefined;
  /** Each place of the disk that is published, and under which path. */
  readonly roots: readonly Root[];
}

interface Root {
  /** Without a slash at its end; `/` is the empty text. */
  readonly url: string;
  readonly folder: string;
  /** An alias with a slash at its end is not about the path without it. */
  readonly needsSlash: boolean;
}

/** Whether a directive says where files lie. */
export function isMapping(name: string): boolean {
  return /^(?:documentroot|alias|scriptalias|aliasmatch|scriptaliasmatch|virtualdocumentroot|virtualscriptalias|userdir)$/i.test(
    name,
  );
}

/**
 * Reads the directives that say where files lie: those of a virtual host in `inner` come first. Throws a `ConfigError` for those
 * that are not supported; call it only where sections depend on files.
 */
export function readMapping(outer: readonly Directive[], inner: readonly Directive[]): FileMapping {
  const aliases: Root[] = [];
  let documents: Root | undefined;
  for (const directive of [...inner, ...outer]) {
    const name = directive.name.toLowerCase();
    if (name === "documentroot") documents ??= rootOf(directive, "", directive.args[0]);
    else if (name === "alias" || name === "scriptalias") {
      const [url = "", folder, ...more] = directive.args;
      if (!url.startsWith("/") || more.length > 0)
        throw configErrorAt(directive, "it takes a path and a folder");
      // httpd puts the rest of the path behind the folder's name as it is: `/a/` and `/srv/x` make `/srv/xb` of `/a/b`.
      if (url.endsWith("/") && folder?.endsWith("/") === false) {
        throw configErrorAt(directive, "the path ends with a slash, so the folder has to");
      }
      aliases.push(rootOf(directive, url, folder));
    } else if (!(name === "userdir" && /^disabled$/i.test(directive.args[0] ?? ""))) {
      throw configErrorAt(
        directive,
        "beside <Directory> or <Files> sections it is not supported: write them as <Location>",
      );
    }
  }
  const roots = documents ? [...aliases, documents] : aliases;

  function fileOf(url: string, ignoreCase: boolean): string | undefined {
    const folded = ignoreCase ? url.toLowerCase() : url;
    for (const root of roots) {
      const prefix = ignoreCase ? root.url.toLowerCase() : root.url;
      if ((folded === prefix && !root.needsSlash) || folded.startsWith(`${prefix}/`))
        return root.folder + url.slice(root.url.length);
    }
    return undefined;
  }
  return { fileOf, roots };
}

function rootOf(directive: Directive, url: string, folder: string | undefined): Root {
  if (folder === undefined || !folder.startsWith("/") || /\/\.{1,2}(?:\/|$)/.test(folder)) {
    throw configErrorAt(directive, "only absolute paths without dot segments are supported");
  }
  return { url: withoutSlash(url), folder: withoutSlash(folder), needsSlash: url.endsWith("/") };
}

function withoutSlash(path: string): string {
  return path.replace(/\/{2,}/g, "/").replace(/\/$/, "");
}
