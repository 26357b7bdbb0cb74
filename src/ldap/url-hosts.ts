import { isIPv6 } from "node:net";
import type { LdapHost } from "./auth-ldap-url.ts";
import { splitPart, type UrlPart, type UrlReader } from "./url-reader.ts";

const BAD_URL = "Bad LDAP URL while parsing.";
const BAD_IPV6 = "Bad LDAP URL while parsing IPV6 syntax.";

/** What separates hosts, also percent-encoded, as httpd decodes before it splits. */
const SEPARATORS = /(?:[ \t\r\n,]|%20|%09|%0a|%0d|%2c)+/gi;

const HOST_NAME = /^[\p{L}\p{M}\p{N}._-]+$/u;

/** Reads the hosts between `//` and `/`. No host at all is localhost. Throws a `ConfigError`. */
export function readHosts(
  reader: UrlReader,
  authority: UrlPart,
  defaultPort: number,
): readonly LdapHost[] {
  const userInfo = authority.text.indexOf("@");
  if (userInfo >= 0) {
    const problem = "A URL names no user and holds no password: set bindDn and bindPassword.";
    throw reader.wrong(problem, authority.at + userInfo);
  }
  const hosts = splitPart(authority, SEPARATORS)
    .filter(({ text }) => text !== "")
    .map((part) => readHost(reader, part, defaultPort));
  return hosts.length > 0 ? hosts : [{ host: "localhost", port: defaultPort }];
}

function readHost(reader: UrlReader, part: UrlPart, defaultPort: number): LdapHost {
  const bracket = part.text.startsWith("[") ? part.text.indexOf("]") : undefined;
  if (bracket === undefined) return readNamedHost(reader, part, defaultPort);

  const address: UrlPart = { text: part.text.slice(1, bracket), at: part.at + 1 };
  const host = bracket < 0 ? "" : reader.decode(address);
  if (!isIPv6(host)) throw reader.wrong(BAD_IPV6, part.at);
  const rest: UrlPart = { text: part.text.slice(bracket + 1), at: part.at + bracket + 1 };
  if (rest.text !== "" && !rest.text.startsWith(":")) throw reader.wrong(BAD_IPV6, rest.at);
  return { host, port: rest.text === "" ? defaultPort : readPort(reader, rest) };
}

function readNamedHost(reader: UrlReader, part: UrlPart, defaultPort: number): LdapHost {
  const colon = part.text.indexOf(":");
  if (colon !== part.text.lastIndexOf(":")) {
    throw reader.wrong(`${BAD_URL} An IPv6 address stands in brackets: ldap://[::1]:389/`, part.at);
  }
  const name: UrlPart = { text: colon < 0 ? part.text : part.text.slice(0, colon), at: part.at };
  const port: UrlPart = { text: part.text.slice(name.text.length), at: part.at + name.text.length };
  const host = name.text === "" ? "localhost" : reader.decode(name);
  if (!HOST_NAME.test(host)) {
    throw reader.wrong(`${BAD_URL} This is no host name.${hint(name.text)}`, name.at);
  }
  return { host, port: colon < 0 ? defaultPort : readPort(reader, port) };
}

function hint(name: string): string {
  return name.includes("?")
    ? ' A "/" must stand between the hosts and the base or the first "?".'
    : "";
}

/** Reads `:389`. */
function readPort(reader: UrlReader, part: UrlPart): number {
  const digits = part.text.slice(1);
  const port = /^[0-9]{1,6}$/.test(digits) ? Number(digits) : 0;
  if (port >= 1 && port <= 65535) return port;
  const followedByUrl = digits === "" && reader.text.startsWith("://", part.at);
  const problem = followedByUrl
    ? 'Only the first host has a scheme: "ldap://host1 host2/base".'
    : "A port is a number from 1 to 65535.";
  throw reader.wrong(`${BAD_URL} ${problem}`, part.at);
}
