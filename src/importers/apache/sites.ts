import { ConfigError } from "../../errors.ts";
import { CannotTell } from "../../expressions/cannot-tell.ts";
import type { Access } from "./access.ts";
import { mergeSections } from "./merge.ts";
import type { Merged } from "./merged.ts";
import { normalizePath, rawPath } from "./request-path.ts";
import { rootOf } from "./require-tree.ts";
import { samplePaths } from "./sample-paths.ts";
import type { PathReading } from "./section-path.ts";
import type { Section, Sections } from "./sections.ts";

/** Which access rules apply to which path. */
export interface Sites {
  /** Those that are known before any request. */
  readonly accesses: readonly Access[];
  /**
   * What applies to the path of a request line (`req.originalUrl`); undefined where nothing does. `"refuse"` for a path that this and
   * an app's router might read differently. Throws a `ConfigError` for sections that first meet at this path and can't be merged.
   */
  match(originalUrl: string): Access | undefined | "refuse";
}

/** Options of `compileSites`. */
export interface SitesOptions {
  /** That the app's routes tell letter case, as httpd does. Default: false, as in Express. */
  readonly caseSensitive?: boolean;
}

/** So many combinations of sections that only requests bring together are remembered: they could be a visitor's doing. */
const MOST_CHAINS = 1000;

/** Prepares what each combination of sections amounts to. Throws a `ConfigError` if one that certainly occurs can't work. */
export function compileSites(
  config: Sections,
  accessOf: (merged: Merged) => Access,
  { caseSensitive = false }: SitesOptions = {},
): Sites {
  const { sections, mapping, indexNames } = config;
  const chains = new Map<string, Outcome>();
  const met = new Map<string, Outcome>();
  const places = new Map(sections.map((section, index) => [section, index]));
  let isStarting = true;
  const hasFiles = sections.some(({ walk }) => walk === "files");

  function chainOf(reading: PathReading): Chain {
    const found = sections.filter(
      ({ path, inside }) =>
        path.matches(reading) && (inside === undefined || inside.matches(reading)),
    );
    return new Set(found);
  }

  /** Throws a `ConfigError`. */
  function accessOfChain(chain: Chain): Access | undefined {
    if (chain.size === 0 && config.server.length === 0) return undefined;
    const key = [...chain].map((section) => places.get(section)).join();
    const outcome = chains.get(key) ?? met.get(key) ?? remember(key, chain);
    if ("error" in outcome) throw outcome.error;
    return outcome.access;
  }

  /** Also an error is found out once. Those that requests bring together give way to later ones. */
  function remember(key: string, chain: Chain): Outcome {
    let outcome: Outcome;
    try {
      outcome = { access: accessOf(mergedOf([...chain], config)) };
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      outcome = { error };
    }
    if (isStarting) {
      chains.set(key, outcome);
      return outcome;
    }
    const [oldest] = met.keys();
    if (oldest !== undefined && met.size >= MOST_CHAINS) met.delete(oldest);
    met.set(key, outcome);
    return outcome;
  }

  function readingOf(url: string, ignoreCase: boolean, otherNames: readonly string[]): PathReading {
    const file = mapping.fileOf(url, ignoreCase);
    return { url, file, names: [...otherNames, lastOf(file ?? url)], ignoreCase };
  }

  /** Other ways to read the path: with or without the slash at its end, letter case, and which segment is the file. */
  function otherReadings(url: string): readonly PathReading[] {
    const segments = url.split("/").slice(1);
    // What looks like a file may be one, and all behind it what httpd calls path info.
    const files = segments.filter(
      (segment, index) => index === segments.length - 1 || segment.includes("."),
    );
    const names = hasFiles && url.endsWith("/") ? [...files, ...indexNames] : files;
    const other = url.endsWith("/") ? url.slice(0, -1) || "/" : `${url}/`;
    // A folder's own page is asked for under its name too (mod_dir), and an app may send it for the folder.
    const pages = url.endsWith("/") ? indexNames.map((name) => url + name) : [];
    const folding = caseSensitive ? [false] : [false, true];
    return folding.flatMap((ignoreCase) =>
      [url, other, ...pages].map((one) => readingOf(one, ignoreCase, names)),
    );
  }

  function decide(url: string): Access | undefined | "refuse" {
    const chain = chainOf(readingOf(url, false, []));
    const access = accessOfChain(chain);
    const others = otherReadings(url)
      .map(chainOf)
      .filter((other) => !isPartOf(other, chain));
    if (others.length === 0) return access;
    // A spelling that loses a section on the way to the same route may not have more than this section would give.
    const guarded = others
      .map((other) => ({ chain: other, access: accessOfOther(other) }))
      .filter((other) => other.access === "refuse" || other.access?.rule !== undefined);
    if (guarded.length === 0) return access;
    if (access?.rule !== undefined) return "refuse";
    const widest = guarded.find((one) =>
      guarded.every((other) => isPartOf(other.chain, one.chain)),
    );
    return widest === undefined ? "refuse" : widest.access;
  }

  /** Sections that no request of httpd's would bring together need not go together. */
  function accessOfOther(chain: Chain): Access | undefined | "refuse" {
    try {
      return accessOfChain(chain);
    } catch (error) {
      if (error instanceof ConfigError) return "refuse";
      throw error;
    }
  }

  /** Express routes by the path as it was sent: where that is guarded, what it decodes to must be guarded by the same. */
  function isLaxer(raw: string, url: string): boolean {
    if (raw === url) return false;
    const [sent, decoded] = [raw, url].map((one) => chainOf(readingOf(one, false, [])));
    if (sent === undefined || decoded === undefined || isSame(sent, decoded)) return false;
    const access = accessOfOther(sent);
    return access === "refuse" || access?.rule !== undefined;
  }

  function match(originalUrl: string): Access | undefined | "refuse" {
    const url = normalizePath(originalUrl);
    if (url === "refuse") return "refuse";
    try {
      return isLaxer(rawPath(originalUrl), url) ? "refuse" : decide(url);
    } catch (error) {
      if (error instanceof CannotTell) return "refuse";
      throw error;
    }
  }

  for (const url of samplePaths(config)) {
    const chain = chainOf(readingOf(url, false, []));
    accessOfChain(chain);
  }
  isStarting = false;
  const accesses = [...chains.values()].flatMap((one) => ("access" in one && one.access) || []);
  return { accesses, match };
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

type Chain = ReadonlySet<Section>;

/** What a chain amounts to, or why it can't work. */
type Outcome = { readonly access: Access | undefined } | { readonly error: ConfigError };

function isSame(one: Chain, other: Chain): boolean {
  return one.size === other.size && isPartOf(one, other);
}

function isPartOf(some: Chain, all: Chain): boolean {
  return [...some].every((section) => all.has(section));
}

function mergedOf(chain: readonly Section[], { server, aliases }: Sections): Merged {
  const walks = (["directory", "files", "location"] as const).map((walk) =>
    chain.filter((section) => section.walk === walk).map(({ content }) => content),
  );
  const { require, directives } = mergeSections(walks);
  return { directives, require: require && rootOf(require), server, aliases };
}
