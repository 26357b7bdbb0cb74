// In your own project, this is "express-authnz-ldap".
import type { AuthnzLdapOptions } from "../src/index.ts";
import type { Environment } from "./environment.ts";

/** The options for a directory that the environment names. */
export function ldapOptionsOf(
  url: string,
  environment: Pick<Environment, "bindDn" | "bindPasswordFile" | "caFile"> &
    Partial<Pick<Environment, "ca" | "passwordChange">>,
): AuthnzLdapOptions {
  const { bindDn, bindPasswordFile, ca, caFile, passwordChange = false } = environment;
  return {
    url,
    realm: "Domain Intranet",
    ...(bindDn && { bindDn }),
    ...(bindPasswordFile && { bindPassword: { file: bindPasswordFile } }),
    ...(caFile && { tls: { caFile } }),
    ...(ca && { tls: { ca } }),
    passwordChange,
  };
}
