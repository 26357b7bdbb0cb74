import { isDeepStrictEqual } from "node:util";
import { ANY_ENTRY, type AuthLdapUrl, type LdapHost } from "./auth-ldap-url.ts";
import { formatFilter } from "./format-filter.ts";

const MODES = { none: "NONE", ssl: "SSL", starttls: "STARTTLS" } as const;

/**
 * Writes an AuthLDAPURL as it may stand in httpd.conf, in its shortest form: without default ports, and in quotes where it has
 * several hosts. `parseAuthLdapUrl` reads it back to the same data, but for the warnings about how the first text was
 * written. It never holds a password.
 */
export function formatAuthLdapUrl(url: AuthLdapUrl): string {
  const { scheme, hosts, socketPath, base, attributes, scope, connectionMode } = url;
  const authority =
    scheme === "ldapi"
      ? encodeURIComponent(socketPath ?? "")
      : hosts.map((host) => formatHost(host, scheme)).join(" ");
  const parts = [
    encode(base),
    attributes.join(","),
    scope === "sub" ? "" : scope,
    encode(formatUrlFilter(url)),
  ];
  while (parts.length > 1 && parts.at(-1) === "") parts.pop();
  const text = `${scheme}://${authority}/${parts.join("?")}`;
  const quoted = hosts.length > 1 ? `"${text}"` : text;
  return connectionMode === undefined ? quoted : `${quoted} ${MODES[connectionMode]}`;
}

function formatUrlFilter({ filter }: AuthLdapUrl): string {
  if (filter === undefined) return "none";
  return isDeepStrictEqual(filter, ANY_ENTRY) ? "" : formatFilter(filter);
}

function formatHost({ host, port }: LdapHost, scheme: "ldap" | "ldaps"): string {
  const isDefault = port === (scheme === "ldaps" ? 636 : 389);
  const name = host.includes(":") ? `[${host.replaceAll("%", "%25")}]` : encodeURI(host);
  return isDefault ? name : `${name}:${port}`;
}

/** Leaves readable what RFC 4516 allows and quotes do not touch. */
function encode(text: string): string {
  return encodeURI(text).replace(
    /[?#']/g,
    (character) => `%${character.charCodeAt(0).toString(16)}`,
  );
}
