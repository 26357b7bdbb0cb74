import { createSecureContext, type SecureContext } from "node:tls";
import { ConfigError } from "../errors.ts";
import type { TlsSettings } from "./directory-settings.ts";

/**
 * Reads the certificates once, at start. `withCertificate` tells whether the client certificate is shown: it stands
 * for the service account, so a connection that checks a visitor's password must not have it. Throws `ConfigError`.
 */
export function prepareTlsContext(tls: TlsSettings, withCertificate: boolean): SecureContext {
  const { ca, cert, key, passphrase, minVersion, ciphers } = tls;
  try {
    return createSecureContext({
      minVersion,
      ...(ciphers !== undefined && { ciphers }),
      ...(ca && { ca: [...ca] }),
      ...(withCertificate && cert !== undefined && { cert }),
      ...(withCertificate && key !== undefined && { key }),
      ...(withCertificate && passphrase !== undefined && { passphrase }),
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "unreadable";
    throw new ConfigError(`The certificates or the key of the option tls are unusable: ${reason}`, {
      option: "tls",
      cause,
    });
  }
}
