import { ConfigError, DirectoryError } from "../errors.ts";
import type { Filter } from "../ldap/filter.ts";
import { parseFilter } from "../ldap/parse-filter.ts";

/**
 * Reads a filter as OpenLDAP's library does when it searches: one that is a single `attribute=value` needs no parentheses. Unlike it, it lets `_` stand in an
 * attribute's name. Throws a `DirectoryError`; its `cause` shows the text.
 */
export function readQueryFilter(text: string): Filter {
  try {
    return parseFilter(isBare(text) ? `(${text})` : text);
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    throw new DirectoryError("Bad search filter", { code: "refused", cause });
  }
}

/** A list needs its own: `&(a=b)` is no filter. */
function isBare(text: string): boolean {
  return !/^[ \t\r\n]*(?:[(&|!]|$)/.test(text);
}
