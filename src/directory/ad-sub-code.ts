/**
 * Active Directory's whole text of a refused bind, as Samba sends it too. It is matched from end to end: a name that the text repeated, and that looks like
 * one, is none. Other texts, and those in other languages, say nothing.
 */
const TEXT =
  /^8009030[8C]: LdapErr: DSID-[0-9A-F]{8}, comment: AcceptSecurityContext error, data ([0-9a-f]{1,8}), v[0-9a-f]{1,8}\0?$/;

const LONGEST = 200;

/** The Windows error that a refused bind's text tells, in hexadecimal: `52e` for a wrong password. Undefined if it tells none. */
export function adSubCode(text: string): string | undefined {
  return text.length > LONGEST ? undefined : TEXT.exec(text)?.[1];
}

/** The Windows error that the text of a refused modify begins with, in hexadecimal: `52d` for a password that the policy does not want. */
export function adUpdateError(text: string): string | undefined {
  return /^0*([1-9A-F][0-9A-F]*): /.exec(text.slice(0, 10))?.[1]?.toLowerCase();
}
