import type { AuthLdapUrl } from "./auth-ldap-url.ts";
import { splitPart, type UrlPart, type UrlReader } from "./url-reader.ts";

/** The pieces of an AuthLDAPURL, still percent-encoded. */
export interface UrlAnatomy {
  readonly scheme: AuthLdapUrl["scheme"];
  /** What stands between `//` and `/`: hosts, or the path of a socket. */
  readonly authority: UrlPart;
  readonly base: UrlPart;
  readonly attributes: UrlPart;
  readonly scope: UrlPart;
  readonly filter: UrlPart;
  readonly extensions: UrlPart | undefined;
}

const BAD_SCHEME = "The scheme was not recognised as a valid LDAP URL scheme.";

/** Takes a URL apart at `//`, `/` and `?`, without looking into the pieces. Throws a `ConfigError`. */
export function takeApart(reader: UrlReader): UrlAnatomy {
  const enclosed = withoutEnclosure(reader);
  const [whole = "", name = ""] = /^([a-z]+):\/\//i.exec(enclosed.text) ?? [];
  const scheme = name.toLowerCase();
  if (scheme !== "ldap" && scheme !== "ldaps" && scheme !== "ldapi") {
    throw reader.wrong(`${BAD_SCHEME} It must be ldap://, ldaps:// or ldapi://.`, enclosed.at);
  }

  const rest: UrlPart = {
    text: enclosed.text.slice(whole.length),
    at: enclosed.at + whole.length,
  };
  const slash = rest.text.indexOf("/");
  const end = slash < 0 ? rest.text.length : slash;
  const path: UrlPart = { text: rest.text.slice(end + 1), at: rest.at + end + 1 };
  const nothing: UrlPart = { text: "", at: rest.at + rest.text.length };
  const [base = nothing, attributes = nothing, scope = nothing, filter = nothing, ...more] =
    splitPart(path, /\?/g);
  const [extensions, tooMany] = more;
  if (tooMany !== undefined) {
    const problem = "Bad URL encountered while parsing LDAP URL. It has too many parts";
    throw reader.wrong(`${problem}; a "?" in a part is written %3f.`, tooMany.at - 1);
  }
  const authority = { text: rest.text.slice(0, end), at: rest.at };
  return { scheme, authority, base, attributes, scope, filter, extensions };
}

/** `<URL:ldap://…>`, `<ldap://…>` and `URL:ldap://…` (RFC 3986 appendix C) mean the URL itself. */
function withoutEnclosure({ text, wrong }: UrlReader): UrlPart {
  const isEnclosed = text.startsWith("<");
  if (isEnclosed && !text.endsWith(">")) {
    throw wrong(
      'Bad enclosure error while parsing LDAP URL. A ">" is missing at its end.',
      text.length,
    );
  }
  const start = isEnclosed ? 1 : 0;
  const at = /^url:/i.test(text.slice(start, start + 4)) ? start + 4 : start;
  return { text: text.slice(at, isEnclosed ? -1 : undefined), at };
}
