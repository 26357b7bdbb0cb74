import { ConfigError } from "../errors.ts";
import { type AuthLdapUrl, exposedAttributes } from "../ldap/auth-ldap-url.ts";
import type { Filter } from "../ldap/filter.ts";
import { attributeName } from "./checked-arguments.ts";

/** What a level is: a value of `attribute` that matches `pattern`, e.g. `MyWebAccess` and `MyWebApp_Level_*`. */
export interface Levels {
  /** The attribute that holds a person's levels. */
  readonly attribute: string;
  /** Text with one `*`, at its end: `MyWebApp_Level_*`. The `*` stands for a whole number. */
  readonly pattern: string;
}

/** Checks levels that were given as an option. Throws a `ConfigError`. */
export function checkLevels(levels: Levels): Levels {
  const { attribute, pattern } = levels;
  attributeName(attribute, "levels.attribute");
  if (typeof pattern !== "string" || !/^[^*]*\*$/.test(pattern)) {
    throw new ConfigError('levels.pattern must end in its only "*", such as "MyWebApp_Level_*".', {
      option: "levels.pattern",
    });
  }
  return { attribute, pattern };
}

/**
 * What the URL says of levels: the one attribute after the login attribute, and the one `prefix*` assertion in its
 * filter. Undefined where there are none or several of either: levels are never guessed.
 */
export function levelsOfUrl(url: AuthLdapUrl): Levels | undefined {
  const [, attribute, ...more] = exposedAttributes(url);
  const [pattern, ...others] = url.filter ? prefixPatterns(url.filter) : [];
  if (attribute === undefined || more.length > 0) return undefined;
  if (pattern === undefined || others.length > 0) return undefined;
  return { attribute, pattern };
}

function prefixPatterns(filter: Filter): readonly string[] {
  if (filter.type === "and" || filter.type === "or") return filter.filters.flatMap(prefixPatterns);
  if (filter.type !== "substrings" || filter.initial === undefined) return [];
  if (filter.any.length > 0 || filter.final !== undefined) return [];
  const prefix = filter.initial.toString();
  return prefix.includes("*") ? [] : [`${prefix}*`];
}

/**
 * Does somebody with these values have the level? A number asks for that level or a higher one; text for that very
 * value; the pattern itself for any level. Letter case and repeated spaces do not count, as in the directory's
 * caseIgnoreMatch (RFC 4517 section 4.2.11).
 */
export function hasLevel(
  level: number | string,
  values: readonly string[],
  pattern: string,
): boolean {
  if (typeof level === "string" && !level.includes("*")) {
    const wanted = foldCase(level);
    return values.some((value) => foldCase(value) === wanted);
  }
  const prefix = foldCase(pattern.slice(0, -1));
  const least = typeof level === "number" ? level : 0;
  return values.some((value) => numberAfter(prefix, foldCase(value)) >= least);
}

/** Is this text the pattern itself, which stands for any level? */
export function isPattern(level: string, pattern: string): boolean {
  return foldCase(level) === foldCase(pattern);
}

/** The whole number behind the prefix; NaN, which is no level, for all else. */
function numberAfter(prefix: string, value: string): number {
  if (!value.startsWith(prefix)) return Number.NaN;
  const digits = value.slice(prefix.length);
  return /^[0-9]{1,15}$/.test(digits) ? Number(digits) : Number.NaN;
}

function foldCase(text: string): string {
  return text.trim().replace(/ +/g, " ").toLowerCase();
}
