import { cramMd5Context } from "./cram-md5.ts";
import { checkCrypt } from "./crypt/check-crypt.ts";
import type { CryptKind } from "./crypt/read-crypt.ts";
import { checkDigest, checkDigestMd5, checkMd4, checkSaltedDigest } from "./digests.ts";
import { checkOtp } from "./otp.ts";
import { checkOpenLdapPbkdf2, checkPbkdf2 } from "./pbkdf2-values.ts";
import { checkPlainTrunc } from "./plain-trunc.ts";
import { isSame } from "./same-bytes.ts";
import { MALFORMED, madeAgain, type SchemeCheck, verdict } from "./scheme-check.ts";
import type { SchemeName } from "./scheme-data.ts";
import { readScramKeys, type ScramAlgorithm, scramKeys } from "./scram.ts";
import { decodeAs } from "./stored-password.ts";

const plain = madeAgain((password) => Buffer.from(password));
const plainMd5 = checkDigest("md5");
const sha1 = checkDigest("sha1");
const md5Crypt = crypt("md5-crypt");
const argon2 = crypt("argon2");
const cramMd5 = madeAgain((password) => cramMd5Context(password));

/** How each scheme is checked. */
export const SCHEME_CHECKS: Readonly<Record<SchemeName, SchemeCheck>> = {
  PLAIN: plain,
  CLEAR: plain,
  CLEARTEXT: plain,
  "PLAIN-TRUNC": checkPlainTrunc,
  "PLAIN-MD4": checkMd4,
  "PLAIN-MD5": plainMd5,
  "LDAP-MD5": plainMd5,
  MD5: eitherMd5,
  SHA: sha1,
  SHA1: sha1,
  SHA256: checkDigest("sha256"),
  SHA512: checkDigest("sha512"),
  SMD5: checkSaltedDigest("md5", 16),
  SSHA: checkSaltedDigest("sha1", 20),
  SSHA256: checkSaltedDigest("sha256", 32),
  SSHA512: checkSaltedDigest("sha512", 64),
  CRYPT: crypt("crypt"),
  "DES-CRYPT": crypt("des-crypt"),
  "MD5-CRYPT": md5Crypt,
  "SHA256-CRYPT": crypt("sha256-crypt"),
  "SHA512-CRYPT": crypt("sha512-crypt"),
  "BLF-CRYPT": crypt("blf-crypt"),
  ARGON2I: argon2,
  ARGON2ID: argon2,
  ARGON2: argon2,
  PBKDF2: checkPbkdf2,
  "PBKDF2-SHA1": checkOpenLdapPbkdf2("sha1"),
  "PBKDF2-SHA256": checkOpenLdapPbkdf2("sha256"),
  "PBKDF2-SHA512": checkOpenLdapPbkdf2("sha512"),
  "CRAM-MD5": cramMd5,
  "HMAC-MD5": cramMd5,
  "DIGEST-MD5": checkDigestMd5,
  "SCRAM-SHA-1": scram("sha1"),
  "SCRAM-SHA-256": scram("sha256"),
  OTP: checkOtp,
};

function crypt(kind: CryptKind): SchemeCheck {
  // Of what is not ASCII nothing can be read.
  return (password, data, { timeout }) =>
    checkCrypt(kind, password, data.toString("latin1"), timeout);
}

/** Dovecot's {MD5} is MD5-CRYPT or PLAIN-MD5. */
function eitherMd5(
  ...[password, data, settings]: Parameters<SchemeCheck>
): ReturnType<SchemeCheck> {
  if (data.subarray(0, 3).equals(MD5_CRYPT)) return md5Crypt(password, data, settings);
  const read = decodeAs("PLAIN-MD5", data.toString("latin1"));
  return typeof read === "string" ? MALFORMED : plainMd5(password, read.data, settings);
}

const MD5_CRYPT = Buffer.from("$1$");

function scram(algorithm: ScramAlgorithm): SchemeCheck {
  return async (password, data, { timeout }) => {
    const stored = readScramKeys(data, algorithm);
    if (stored === undefined) return MALFORMED;
    const { salt, iterations, storedKey } = stored;
    const keys = await scramKeys(password, salt, iterations, algorithm, timeout);
    if (typeof keys === "string") return { ok: false, reason: keys };
    return verdict(isSame(keys.storedKey, storedKey));
  };
}
