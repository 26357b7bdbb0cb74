import type { ServerAddress } from "../../directory/directory-settings.ts";
import { percentDecode } from "../../ldap/percent-decode.ts";
import type { TableServer } from "../../tables/table-settings.ts";

/** Where OpenLDAP's library looks for an `ldapi://` without a path. */
const DEFAULT_SOCKET = "/var/run/slapd/ldapi";

const DEFAULT_PORTS = { ldap: 389, ldaps: 636 } as const;

/** A server, or what is wrong with its text. */
type Read = { readonly server: TableServer } | { readonly problem: string };

/**
 * Reads one word of server_host. As in Postfix `port` is for bare host names only: `[::1]` has a colon, and so its port is 389. Of a URL all behind host
 * and port is ignored.
 */
export function readServer(word: string, port: number, startTls: boolean): Read {
  const url = urlOf(word, port);
  const [, scheme = "", authority = ""] = /^(ldapi?|ldaps):\/\/([^/?]*)/i.exec(url) ?? [];
  switch (scheme.toLowerCase()) {
    case "ldap":
      return readHost(authority, "ldap", startTls ? "starttls" : "none");
    case "ldaps":
      if (startTls) return { problem: "start_tls can't be used with an ldaps:// URL" };
      return readHost(authority, "ldaps", "tls");
    case "ldapi":
      return readSocket(authority, startTls);
    default:
      return { problem: "a server is a host, host:port, or an ldap://, ldaps:// or ldapi:// URL" };
  }
}

function urlOf(word: string, port: number): string {
  const unwrapped = word.replace(/^<?URL:/i, "");
  if (/^(?:ldap|ldaps|ldapi):\/\//i.test(unwrapped)) return unwrapped;
  return word.includes(":") ? `ldap://${word}` : `ldap://${word}:${port}`;
}

function readHost(
  authority: string,
  scheme: keyof typeof DEFAULT_PORTS,
  security: TableServer["security"],
): Read {
  const [, v6, name, port] =
    /^(?:\[([0-9A-Fa-f:.]+)\]|([^[\]:]*))(?::(\d+))?$/.exec(authority) ?? [];
  const host = v6 ?? name;
  if (host === undefined || !/^[^\s%@\p{Cc}]*$/u.test(host)) {
    return { problem: "a server's host and port can't be read; an IPv6 address needs brackets" };
  }
  const number = Number(port ?? 0);
  if (number > 65_535) return { problem: "a server's port is at most 65535" };
  // OpenLDAP's library takes no host for this one, and port 0 for the usual one.
  const address: ServerAddress = {
    kind: "tcp",
    host: host || "localhost",
    port: number || DEFAULT_PORTS[scheme],
  };
  return { server: { address, security } };
}

function readSocket(authority: string, startTls: boolean): Read {
  const decoded = percentDecode(authority);
  if ("wrongAt" in decoded || /\p{Cc}/u.test(decoded.text)) {
    return { problem: "the path of an ldapi:// URL can't be read" };
  }
  const path = decoded.text || DEFAULT_SOCKET;
  if (!path.startsWith("/"))
    return { problem: "an ldapi:// URL needs an absolute path, as %2Fpath" };
  return { server: { address: { kind: "unix", path }, security: startTls ? "starttls" : "none" } };
}
