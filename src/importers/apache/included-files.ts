import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { isGlob, matchesGlob } from "./glob.ts";

/** Files below one folder, and nothing else of the disk: also symbolic links may not lead out of it. */
export interface IncludedFiles {
  /**
   * The files that an `Include` names, in httpd's order: by name, a folder with all that is in it. Undefined if there is none
   * of that name; empty if a pattern matches nothing. Throws an `OutsideError` for what is not below the folder.
   */
  find(path: string): readonly string[] | undefined;
  read(file: string): string;
  exists(path: string): boolean;
}

/** A path leads out of the server's root, or there are too many files. */
export class OutsideError extends Error {
  override readonly name = "OutsideError";
}

const MOST_FILES = 1000;
const MOST_DEPTH = 20;

/** `root` must exist. */
export function openIncludedFiles(root: string): IncludedFiles {
  const named = resolve(root);
  const top = realpathSync(named);

  /** Undefined where there is nothing. */
  function real(path: string): string | undefined {
    let found: string;
    try {
      found = realpathSync(path);
    } catch {
      return undefined;
    }
    if (found !== top && !found.startsWith(top.endsWith(sep) ? top : top + sep)) {
      throw new OutsideError("that is not below serverRoot");
    }
    return found;
  }

  /** The way from the top. */
  function below(path: string): readonly string[] {
    const absolute = resolve(named, path);
    const way = [named, top].map((from) => relative(from, absolute)).find(leadsDown);
    if (way === undefined) throw new OutsideError("that is not below serverRoot");
    return way.split(sep).filter((segment) => segment !== "");
  }

  function expand(segments: readonly string[]): readonly string[] {
    let paths = [top];
    for (const segment of segments) {
      paths = paths.flatMap((path) => {
        if (!isGlob(segment)) return [join(path, segment)];
        const names = entriesOf(real(path)).filter((name) => !name.startsWith("."));
        return names.filter((name) => matchesGlob(segment, name)).map((name) => join(path, name));
      });
      if (paths.length > MOST_FILES) throw new OutsideError(`more than ${MOST_FILES} files match`);
    }
    return paths;
  }

  function filesIn(path: string, depth: number): readonly string[] | undefined {
    const found = real(path);
    if (found === undefined) return undefined;
    if (!statSync(found).isDirectory()) return statSync(found).isFile() ? [found] : undefined;
    if (depth >= MOST_DEPTH) throw new OutsideError("folders lie too deep in each other");
    const all: string[] = [];
    for (const name of entriesOf(found)) all.push(...(filesIn(join(found, name), depth + 1) ?? []));
    return all;
  }

  return {
    find(path) {
      const segments = below(path);
      if (!segments.some(isGlob)) return filesIn(join(top, ...segments), 0);
      return expand(segments).flatMap((each) => filesIn(each, 0) ?? []);
    },
    read: (file) => readFileSync(file, "utf8"),
    exists: (path) => real(join(top, ...below(path))) !== undefined,
  };
}

function leadsDown(way: string): boolean {
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Sorted by bytes. */
function entriesOf(folder: string | undefined): readonly string[] {
  if (folder === undefined || !statSync(folder).isDirectory()) return [];
  return readdirSync(folder).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
