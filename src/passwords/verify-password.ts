import type { PasswordCheck, VerifyOptions } from "./password-check.ts";
import { SCHEME_CHECKS } from "./scheme-checks.ts";
import { readStoredPassword } from "./stored-password.ts";

/** Milliseconds. */
const USUAL_TIMEOUT = 10_000;
/** More than a timer can wait. */
const MOST_TIMEOUT = 2 ** 31 - 1;
/** Bytes of a password: more than anybody types, and little to hash. */
export const LONGEST_PASSWORD: number = 4_096;

/**
 * Is this the password that a stored value was made of? Says what `doveadm pw -t` of Dovecot 2.3 says, of all its schemes: PLAIN, CLEAR, CLEARTEXT, PLAIN-TRUNC,
 * PLAIN-MD4, PLAIN-MD5, LDAP-MD5, MD5, MD5-CRYPT, SMD5, SHA, SHA1, SSHA, SHA256, SSHA256, SHA512, SSHA512, SHA256-CRYPT, SHA512-CRYPT, CRYPT, DES-CRYPT,
 * BLF-CRYPT, PBKDF2, ARGON2I, ARGON2ID, CRAM-MD5, HMAC-MD5, DIGEST-MD5, SCRAM-SHA-1, SCRAM-SHA-256 and OTP, in any letter case and with `.hex` or `.b64`; and
 * of OpenLDAP's {ARGON2}, {PBKDF2}, {PBKDF2-SHA1}, {PBKDF2-SHA256} and {PBKDF2-SHA512}. Others are `unknown-scheme`; yescrypt is, in {CRYPT}.
 *
 * Never rejects, and never says yes to what it can't read. Where Dovecot lets everybody in, nobody is: {PLAIN-TRUNC} of no character, {PBKDF2} of no round. A
 * password with a NUL or a lone surrogate, or of more than 4,096 bytes, is nobody's. The empty password may be somebody's: a login must refuse it before. What
 * is expensive is computed in threads of its own, at most 200 at a time wait for them, and costs above a second or two of a processor are `too-expensive`.
 */
export async function verifyPassword(
  password: string,
  stored: string,
  options: VerifyOptions = {},
): Promise<PasswordCheck> {
  try {
    const read = readStoredPassword(stored, options?.defaultScheme);
    if (typeof read === "string") return { ok: false, reason: read };
    if (!isPassword(password)) return { ok: false, reason: "mismatch" };
    const { username, timeout } = options ?? {};
    const check = SCHEME_CHECKS[read.scheme];
    const checked = await check(password, read.data, {
      username: typeof username === "string" ? username : "",
      timeout: typeof timeout === "number" ? Math.min(timeout, MOST_TIMEOUT) : USUAL_TIMEOUT,
    });
    return checked.ok ? { ok: true } : { ok: false, reason: checked.reason };
  } catch {
    // Whatever it was, nobody can say yes or no.
    return { ok: false, reason: "unavailable" };
  }
}

function isPassword(password: unknown): boolean {
  if (typeof password !== "string" || password.includes("\0")) return false;
  return password.isWellFormed() && Buffer.byteLength(password) <= LONGEST_PASSWORD;
}
