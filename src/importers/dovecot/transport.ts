import type { TlsOptions } from "../../options/authnz-ldap-options.ts";
import { configErrorAt } from "./config-error-at.ts";
import type { Notes } from "./notes.ts";
import type { Servers } from "./servers.ts";
import type { SettingName } from "./setting-table.ts";
import { flagOf, type Settings, settingOf, wordOf, writtenOf } from "./settings.ts";

const ABOUT_TLS: readonly SettingName[] = [
  ...(["tls_ca_cert_file", "tls_ca_cert_dir", "tls_cert_file", "tls_key_file"] as const),
  ...(["tls_cipher_suite", "tls_require_cert"] as const),
];

/**
 * The option `tls`: clear text where Dovecot has it too, on `ldap://` without `tls = yes`. Throws a `ConfigError` for settings of TLS that Node can't be given.
 */
export function transportOf(
  all: Settings,
  { scheme }: Servers,
  notes: Notes,
): "none" | TlsOptions | undefined {
  const startsTls = flagOf(all, "tls");
  if (startsTls && scheme !== "ldap") {
    throw configErrorAt(settingOf(all, "tls"), `there is no StartTLS on ${scheme}://`);
  }
  if (startsTls || scheme === "ldaps") return tlsOf(all, notes);
  for (const name of ABOUT_TLS) {
    const setting = writtenOf(all, name);
    if (setting) notes.add(setting, "the connection has no TLS: it is of no use");
  }
  if (scheme === "ldapi") return undefined;
  notes.add(settingOf(all, "tls"), "passwords go to the directory in clear text, as in Dovecot");
  return "none";
}

function tlsOf(all: Settings, notes: Notes): TlsOptions {
  const directory = writtenOf(all, "tls_ca_cert_dir");
  if (directory) {
    throw configErrorAt(directory, "name one file of authorities instead, in tls_ca_cert_file");
  }
  const ciphers = writtenOf(all, "tls_cipher_suite");
  if (ciphers) {
    throw configErrorAt(ciphers, "ciphers can't be chosen: it is TLS 1.2 or newer with Node's own");
  }
  const caFile = fileOf(all, "tls_ca_cert_file");
  const certFile = fileOf(all, "tls_cert_file");
  const keyFile = fileOf(all, "tls_key_file");
  const accepted = acceptsAny(all, notes);
  return {
    ...(caFile !== undefined && { caFile }),
    ...(certFile !== undefined && { certFile }),
    ...(keyFile !== undefined && { keyFile }),
    ...(accepted && { dangerouslyAcceptAnyCertificate: true }),
  };
}

function fileOf(all: Settings, name: SettingName): string | undefined {
  const setting = writtenOf(all, name);
  if (setting?.value === "") throw configErrorAt(setting, "it names no file");
  return setting?.value;
}

/** `try` still refuses a certificate that is not good, and a server without one has no TLS here. */
function acceptsAny(all: Settings, notes: Notes): boolean {
  const setting = writtenOf(all, "tls_require_cert");
  if (setting === undefined) return false;
  const word = wordOf(all, "tls_require_cert", ["never", "hard", "demand", "allow", "try"]);
  const accepts = word === "never" || word === "allow";
  if (accepts)
    notes.add(
      setting,
      "any certificate is accepted, as in Dovecot: whoever answers gets the passwords",
    );
  return accepts;
}
