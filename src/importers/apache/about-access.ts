/**
 * Whether a directive or section of this name may decide who gets in: then it is never skipped. The whole of mod_auth*,
 * mod_ldap and mod_access_compat by their prefixes, and what `Require env` looks at, so that a directive that nobody knew of here is refused, not overlooked.
 */
export function isAboutAccess(name: string): boolean {
  return /^(?:auth|ldap|require|(?:satisfy|allow|deny|order|allowmethods|limit|limitexcept|use|macro|sslrequire|sslrequiressl|sslverifyclient|setenvif|setenvifnocase|setenvifexpr|browsermatch|browsermatchnocase)$)/i.test(
    name,
  );
}
