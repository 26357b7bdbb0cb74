import { isAttributeDescription } from "./attribute-description.ts";
import { ANY_ENTRY, type AuthLdapUrl } from "./auth-ldap-url.ts";
import { parseDn } from "./dn.ts";
import type { Filter } from "./filter.ts";
import { parseFilter, parseFilters } from "./parse-filter.ts";
import { takeApart } from "./url-anatomy.ts";
import { splitArguments } from "./url-arguments.ts";
import { readHosts } from "./url-hosts.ts";
import { readUrl, splitPart, type UrlPart, type UrlReader } from "./url-reader.ts";

const DEFAULT_PORTS = { ldap: 389, ldaps: 636 } as const;

/** OpenLDAP's own default as Debian and Ubuntu build it. */
const DEFAULT_SOCKET = "/var/run/slapd/ldapi";

/**
 * Reads an AuthLDAPURL as httpd's mod_authnz_ldap does: RFC 4516, several hosts, and an optional second argument NONE,
 * SSL, TLS or STARTTLS. It is stricter where httpd guesses or fails only at the first request; docs/authldapurl.md
 * lists where.
 *
 * Throws a `ConfigError` that shows the text with the place marked, and nothing else.
 */
export function parseAuthLdapUrl(text: string): AuthLdapUrl {
  const { url, connectionMode } = splitArguments(text);
  const reader = readUrl(url);
  const unreadable = url.search(/(?![\t\r\n])\p{Cc}|\p{Cs}/u);
  if (unreadable >= 0) throw reader.wrong("The URL holds a control character.", unreadable);

  const parts = takeApart(reader);
  const { scheme, authority } = parts;
  const where =
    scheme === "ldapi"
      ? { hosts: [], socketPath: readSocketPath(reader, authority) }
      : { hosts: readHosts(reader, authority, DEFAULT_PORTS[scheme]) };
  const attributes = readAttributes(reader, parts.attributes);
  const parsed = {
    scheme,
    ...where,
    base: readBase(reader, parts.base),
    attributes,
    loginAttribute: attributes[0] ?? "uid",
    scope: readScope(reader, parts.scope),
    filter: readFilter(reader, parts.filter),
    ...(connectionMode === undefined ? {} : { connectionMode }),
  };
  checkExtensions(reader, parts.extensions);
  return { ...parsed, warnings: [...warn(parsed, parts.scope, parts.extensions)] };
}

function readSocketPath(reader: UrlReader, authority: UrlPart): string {
  const path = reader.decode(authority);
  if (path === "") return DEFAULT_SOCKET;
  if (!path.startsWith("/") || /\p{Cc}/u.test(path)) {
    const problem = "ldapi:// names the path of a socket, each slash of it written %2f";
    throw reader.wrong(`${problem}: ldapi://%2fvar%2frun%2fslapd%2fldapi/base.`, authority.at);
  }
  return path;
}

function readBase(reader: UrlReader, part: UrlPart): string {
  const base = reader.decode(part);
  if (parseDn(base) === undefined || /\p{Cc}/u.test(base)) {
    throw reader.wrong("The base is no DN, such as ou=people,dc=example,dc=org.", part.at);
  }
  return base;
}

function readAttributes(reader: UrlReader, list: UrlPart): readonly string[] {
  const byName = new Map<string, string>();
  for (const part of splitPart(list, /,/g)) {
    if (part.text === "") continue;
    const name = reader.decode(part);
    const isWildcard = name === "*" || name === "+";
    if (!isWildcard && !isAttributeDescription(name))
      throw reader.wrong(notAnAttribute(name), part.at);
    if (byName.size === 0 && (isWildcard || name === "1.1")) {
      const problem = "The first attribute is the one that people log in with; it must have a name";
      throw reader.wrong(`${problem}, such as uid.`, part.at);
    }
    if (!byName.has(name.toLowerCase())) byName.set(name.toLowerCase(), name);
  }
  return [...byName.values()];
}

function notAnAttribute(name: string): string {
  const problem = "This is no attribute's name.";
  if (/\s/.test(name)) {
    return `${problem} No spaces between attributes, please; and the connection mode after the URL must be one of NONE, SSL, or TLS/STARTTLS.`;
  }
  if (/[()=]/.test(name))
    return `${problem} The filter is the fourth part: base?attributes?scope?filter.`;
  return problem;
}

function readScope(reader: UrlReader, part: UrlPart): "one" | "sub" {
  const name = part.text.toLowerCase();
  if (name === "one") return "one";
  if (["", "sub", "subtree", "base"].includes(name)) return "sub";
  const problem = "Bad scope encountered while parsing LDAP URL.";
  throw reader.wrong(`${problem} It is one or sub; the filter comes after it.`, part.at);
}

/** httpd puts the text into `(&(…)(uid=name))` and cuts outer parentheses blindly; we parse instead. */
function readFilter(reader: UrlReader, part: UrlPart): Filter | undefined {
  const text = reader.decode(part);
  if (text === "") return ANY_ENTRY;
  if (/^(?:none|\(none\)|\(\))$/i.test(text)) return undefined;
  if (!/^[ \t\r\n]*\(/.test(text)) return parseFilter(`(${text})`, "url");
  const filters = parseFilters(text, "url");
  const [only, ...more] = filters;
  return only !== undefined && more.length === 0 ? only : { type: "and", filters };
}

function checkExtensions(reader: UrlReader, part: UrlPart | undefined): void {
  if (part === undefined) return;
  if (part.text === "") {
    const problem = "Bad extensions encountered while parsing LDAP URL.";
    throw reader.wrong(`${problem} Nothing stands after the last "?".`, part.at);
  }
  for (const extension of splitPart(part, /,/g)) {
    if (!reader.decode(extension).startsWith("!")) continue;
    // RFC 4516 section 2: what is critical and not supported must not be processed. httpd ignores it.
    throw reader.wrong("No extension is supported, and this one is critical.", extension.at);
  }
}

type Parsed = Omit<AuthLdapUrl, "warnings">;

function* warn(
  { scheme, connectionMode, attributes }: Parsed,
  scope: UrlPart,
  extensions: UrlPart | undefined,
): Generator<string> {
  if (scope.text.toLowerCase() === "base") {
    yield "url: the scope base means sub, as in httpd; write sub.";
  }
  if (attributes.some((name) => name === "*" || name === "+")) {
    yield "url: * and + in the attribute list name no attribute; req.authenticated does not show them.";
  }
  if (extensions !== undefined) yield "url: extensions are ignored.";
  if (scheme === "ldaps" && connectionMode !== undefined && connectionMode !== "ssl") {
    yield "url: ldaps means TLS from the first byte; the connection mode after the URL changes nothing.";
  }
}
