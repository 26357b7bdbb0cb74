import type { SearchQuery } from "../directory/directory.ts";
import { ConfigError, DirectoryError } from "../errors.ts";
import { ANY_ENTRY } from "../ldap/auth-ldap-url.ts";
import { takeApart, type UrlAnatomy } from "../ldap/url-anatomy.ts";
import { readUrl, splitPart, type UrlReader } from "../ldap/url-reader.ts";
import { readQueryFilter } from "./query-filter.ts";
import { attributesInBoth } from "./result-attributes.ts";

/** What OpenLDAP's library takes for LDAP URLs; everything else is a DN. */
const LDAP_URL = /^<?(?:url:)?(?:p?ldaps?|ldapi|cldap):\/\//i;

/**
 * The search that a value of a special attribute stands for: an LDAP URL (RFC 4516), whose host and port do not count, or the DN of one entry. Undefined where
 * a URL names no attribute that the table asks for. Throws a `DirectoryError` for a URL that can't be followed.
 */
export function specialSearch(
  value: string,
  requested: readonly string[],
): SearchQuery | undefined {
  if (!LDAP_URL.test(value)) {
    return { base: value, scope: "base", filter: ANY_ENTRY, attributes: requested };
  }
  try {
    const reader = readUrl(value);
    return urlSearch(reader, takeApart(reader), requested);
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    throw unusable(cause);
  }
}

function urlSearch(
  reader: UrlReader,
  parts: UrlAnatomy,
  requested: readonly string[],
): SearchQuery | undefined {
  const critical = parts.extensions?.text.split(",").some((text) => /^(?:!|%21)/.test(text));
  // An empty list is none (RFC 4516 section 2); what is critical must be understood.
  if (critical || parts.extensions?.text === "") throw unusable();
  const filter = reader.decode(parts.filter);
  const query = {
    base: reader.decode(parts.base),
    scope: readScope(parts.scope.text),
    filter: filter === "" ? ANY_ENTRY : readQueryFilter(filter),
  };
  if (parts.attributes.text === "") return { ...query, attributes: requested };
  const named = splitPart(parts.attributes, /,/g).map((part) => reader.decode(part));
  const attributes = attributesInBoth(named, requested);
  return attributes.length === 0 ? undefined : { ...query, attributes };
}

function readScope(text: string): SearchQuery["scope"] {
  switch (text.toLowerCase()) {
    case "":
    case "base":
      return "base";
    case "one":
    case "onelevel":
      return "one";
    case "sub":
    case "subtree":
      return "sub";
    default:
      throw unusable();
  }
}

function unusable(cause?: ConfigError): DirectoryError {
  const message = "A special attribute's value is an LDAP URL that can't be followed";
  return new DirectoryError(message, { code: "refused", cause });
}
