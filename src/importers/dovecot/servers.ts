import { ConfigError } from "../../errors.ts";
import type { AuthLdapUrl } from "../../ldap/auth-ldap-url.ts";
import { parseAuthLdapUrl } from "../../ldap/parse-auth-ldap-url.ts";
import { configErrorAt } from "./config-error-at.ts";
import type { Notes } from "./notes.ts";
import type { Setting } from "./setting.ts";
import { type Settings, settingOf, writtenOf } from "./settings.ts";

/** Where the directory is. */
export type Servers = Pick<AuthLdapUrl, "scheme" | "hosts" | "socketPath">;

/** From `uris`, or `hosts` where there are none. Throws a `ConfigError` for what has no place in one AuthLDAPURL. */
export function serversOf(all: Settings, notes: Notes): Servers {
  const uris = writtenOf(all, "uris");
  const hosts = writtenOf(all, "hosts");
  if (uris !== undefined) {
    if (hosts) notes.add(hosts, "uris has precedence");
    return ofUris(uris);
  }
  if (hosts === undefined) {
    throw configErrorAt({ ...settingOf(all, "hosts"), line: 0 }, "No uris or hosts set");
  }
  return read(hosts, "ldap", wordsOf(hosts));
}

function ofUris(setting: Setting): Servers {
  const uris = wordsOf(setting).map((uri) => /^(ldap|ldaps|ldapi):\/\/([^/?#]*)\/?$/i.exec(uri));
  const schemes = new Set(uris.map((uri) => uri?.[1]?.toLowerCase()));
  const [scheme] = schemes;
  if (scheme !== "ldap" && scheme !== "ldaps" && scheme !== "ldapi") {
    throw configErrorAt(
      setting,
      "a URI is ldap://host:port, ldaps://host or ldapi://, without base",
    );
  }
  if (schemes.size > 1 || (scheme === "ldapi" && uris.length > 1)) {
    throw configErrorAt(setting, "all servers must have one scheme, and ldapi:// stands alone");
  }
  return read(
    setting,
    scheme,
    uris.map((uri) => uri?.[2] ?? ""),
  );
}

function read(
  setting: Setting,
  scheme: AuthLdapUrl["scheme"],
  authorities: readonly string[],
): Servers {
  const isPlain = scheme === "ldapi" || authorities.every((each) => /^[^/?#%@\\"]+$/.test(each));
  if (authorities.length === 0 || !isPlain) {
    throw configErrorAt(setting, "a server is host or host:port, the host by its name or address");
  }
  try {
    const url = parseAuthLdapUrl(`"${scheme}://${authorities.join(" ")}/"`);
    return {
      scheme,
      hosts: url.hosts,
      ...(url.socketPath !== undefined && { socketPath: url.socketPath }),
    };
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    // Without the cause: it shows the text.
    throw configErrorAt(setting, "a server is host or host:port, the host by its name or address");
  }
}

function wordsOf({ value }: Setting): readonly string[] {
  return value.split(/[ \t,]+/).filter((word) => word !== "");
}
