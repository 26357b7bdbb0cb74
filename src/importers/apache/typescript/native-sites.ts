import type { ConfigError } from "../../../errors.ts";
import type { Access } from "../access.ts";
import { configErrorAt } from "../config-error-at.ts";
import { samplePaths } from "../sample-paths.ts";
import type { Section, Sections } from "../sections.ts";
import type { Sites } from "../sites.ts";

/** The paths that begin alike, and what is said about them. */
export interface NativeSite {
  /** Without a slash at its end, but `/`. */
  readonly path: string;
  /** Undefined where nothing is said. */
  readonly access: Access | undefined;
  /** The sections that come together here, in the order in which httpd merges them. */
  readonly sections: readonly Section[];
}

/**
 * What `app.use(path, …)` can say: the longest path first, as the first one that matches counts. Throws a `ConfigError` for sections
 * that are more than the beginning of a path.
 */
export function nativeSites(config: Sections, sites: Sites): readonly NativeSite[] {
  const { sections, mapping } = config;
  for (const section of sections) checkPlain(section);
  const paths = new Set(samplePaths(config).map(withoutSlash));
  const found = [...paths].toSorted((a, b) => b.length - a.length).map(siteOf);
  const reached = new Set(found.flatMap((site) => site.sections));
  for (const section of sections) {
    if (!reached.has(section)) throw notPlain(section);
  }
  return found;

  function siteOf(path: string): NativeSite {
    const below = path === "/" ? `/${PROBE}` : `${path}/${PROBE}`;
    const access = sites.match(path);
    const reading = {
      url: below,
      file: mapping.fileOf(below, false),
      names: [],
      ignoreCase: false,
    };
    const matching = sections.filter((section) => section.path.matches(reading));
    const [first] = matching.length > 0 ? matching : sections;
    if (access === "refuse" || access !== sites.match(below)) {
      throw configErrorAt(
        first?.directive ?? { name: "Location", line: 1 },
        `it is not the same for ${path} and all below it, or for all spellings: ${USE_IT_AS_IT_IS}`,
      );
    }
    return { path, access, sections: matching };
  }
}

/** A name that no configuration has. */
const PROBE = "below-any-section-7f3a";
const USE_IT_AS_IT_IS = "give it to fromApacheConfig as it is";

function checkPlain(section: Section): void {
  const { directive, path, walk } = section;
  if (directive === undefined) return;
  const isPlain = walk !== "files" && path.literal !== undefined;
  if (isPlain && /^[\w/.~-]*$/.test(path.literal)) return;
  throw notPlain(section);
}

function notPlain({ directive }: Section): ConfigError {
  return configErrorAt(
    directive ?? { name: "Require", line: 1 },
    `app.use takes the beginning of a plain path, and this is more: ${USE_IT_AS_IT_IS}`,
  );
}

function withoutSlash(path: string): string {
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}
