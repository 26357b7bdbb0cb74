import type { AuthnzLdapOptions } from "../../options/authnz-ldap-options.ts";
import { configErrorAt } from "./config-error-at.ts";
import { type Settings, writtenOf } from "./settings.ts";

/**
 * As whom the directory is searched. Throws a `ConfigError` for a DN without a password, which is an unauthenticated bind (RFC 4513 section 5.1.2), and the
 * other way round.
 */
export function serviceAccountOf(
  all: Settings,
): Pick<AuthnzLdapOptions, "bindDn" | "bindPassword" | "anonymousBind"> {
  const dn = writtenOf(all, "dn");
  const password = writtenOf(all, "dnpass");
  const hasDn = dn !== undefined && dn.value !== "";
  const hasPassword = password !== undefined && password.value !== "";
  if (hasDn && hasPassword) return { bindDn: dn.value, bindPassword: password.value };
  if (hasDn) throw configErrorAt(dn, "it needs a dnpass that is not empty");
  if (hasPassword) throw configErrorAt(password, "it needs a dn: a password of nobody is refused");
  const certificate = writtenOf(all, "tls_cert_file");
  if (certificate) {
    // Here that is a SASL EXTERNAL bind as the certificate's owner, who may see more than nobody does.
    throw configErrorAt(
      certificate,
      "it needs a dn: a certificate alone would be the account here",
    );
  }
  return { anonymousBind: true };
}
