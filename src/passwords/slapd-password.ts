import { isUtf8 } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";
import { checkCrypt } from "./crypt/check-crypt.ts";
import { md5Letters } from "./crypt/md5-crypt.ts";
import type { CryptKind } from "./crypt/read-crypt.ts";
import type { PasswordCheck } from "./password-check.ts";
import { checkOpenLdapPbkdf2 } from "./pbkdf2-values.ts";
import { isSame } from "./same-bytes.ts";
import { inCapitals } from "./scheme-data.ts";

/** Checks what stands behind `{SCHEME}`. */
type Check = (data: string, given: Buffer) => boolean | Promise<boolean>;

/** Milliseconds: nobody waits for a directory for so long. */
const TIMEOUT = 60_000;

const SCHEMES: Readonly<Record<string, Check>> = {
  SHA: digest("sha1"),
  SSHA: saltedDigest("sha1"),
  MD5: digest("md5"),
  SMD5: saltedDigest("md5"),
  CRYPT: (data, given) => crypt("crypt", data, given),
  // argon2.so
  ARGON2: (data, given) => crypt("argon2", data, given),
  // pw-sha2.so
  SHA256: digest("sha256"),
  SSHA256: saltedDigest("sha256"),
  SHA384: digest("sha384"),
  SSHA384: saltedDigest("sha384"),
  SHA512: digest("sha512"),
  SSHA512: saltedDigest("sha512"),
  // pw-pbkdf2.so
  PBKDF2: derivedKey("sha1"),
  "PBKDF2-SHA1": derivedKey("sha1"),
  "PBKDF2-SHA256": derivedKey("sha256"),
  "PBKDF2-SHA512": derivedKey("sha512"),
  // pw-apr1.so
  APR1: md5Crypt("$apr1$", "htpasswd"),
  BSDMD5: md5Crypt("$1$", "md5-crypt"),
  // pw-netscape.so
  "NS-MTA-MD5": checkNsMtaMd5,
};

/**
 * Does slapd accept this password for this `userPassword` value? As OpenLDAP 2.5 with its modules argon2, pw-sha2, pw-pbkdf2, pw-apr1 and
 * pw-netscape says: scheme names in any letter case, blanks in base64 ignored, missing padding never. A scheme that it does not know never matches, {CLEARTEXT} and
 * {PLAIN} among them; a value without a scheme is the password itself. yescrypt (`{CRYPT}$y$`) and what costs more than `readCrypt` lets pass never match,
 * other than in slapd. Rejects if a password could not be hashed in a minute.
 */
export async function slapdAccepts(
  stored: Buffer | string,
  given: Buffer | string,
): Promise<boolean> {
  const value = Buffer.from(stored);
  const [, scheme, data = ""] = /^\{([^}]+)\}(.*)$/s.exec(value.toString("latin1")) ?? [];
  if (scheme === undefined) return isSame(Buffer.from(given), value);
  const name = inCapitals(scheme);
  const check = Object.hasOwn(SCHEMES, name) ? SCHEMES[name] : undefined;
  return check?.(data, Buffer.from(given)) ?? false;
}

/** The value to store for a password as slapd does by itself: {SSHA}. */
export function hashAsSlapd(password: Buffer, salt: Buffer): Buffer {
  const digest = createHash("sha1").update(password).update(salt).digest();
  return Buffer.from(`{SSHA}${Buffer.concat([digest, salt]).toString("base64")}`);
}

/** Base64 as ISC's b64_pton reads it: blanks anywhere, all padding, no bits left over. */
function decode(data: string): Buffer | undefined {
  const text = data.replace(/[ \t\n\v\f\r]+/g, "");
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}

function digest(algorithm: string): Check {
  return (data, given) => {
    const stored = decode(data);
    const computed = createHash(algorithm).update(given).digest();
    return stored?.length === computed.length && timingSafeEqual(computed, stored);
  };
}

function saltedDigest(algorithm: string): Check {
  const { length } = createHash(algorithm).digest();
  return (data, given) => {
    const stored = decode(data);
    if (stored === undefined || stored.length <= length) return false;
    const computed = createHash(algorithm).update(given).update(stored.subarray(length)).digest();
    return timingSafeEqual(computed, stored.subarray(0, length));
  };
}

function derivedKey(digest: "sha1" | "sha256" | "sha512"): Check {
  const check = checkOpenLdapPbkdf2(digest);
  return async (data, given) => {
    if (!isUtf8(given)) return false;
    const settings = { username: "", timeout: TIMEOUT };
    return isYes(await check(given.toString(), Buffer.from(data, "latin1"), settings));
  };
}

/** The digest of md5Crypt and its salt, in base64. */
function md5Crypt(magic: "$1$" | "$apr1$", kind: CryptKind): Check {
  return async (data, given) => {
    const stored = decode(data);
    if (stored === undefined || stored.length <= 16) return false;
    const salt = stored.toString("latin1", 16);
    return crypt(kind, `${magic}${salt}$${md5Letters(stored.subarray(0, 16))}`, given);
  };
}

async function crypt(kind: CryptKind, data: string, given: Buffer): Promise<boolean> {
  // Text is what is hashed: other bytes must not become the same.
  if (!isUtf8(given)) return false;
  return isYes(await checkCrypt(kind, given.toString(), data, TIMEOUT));
}

/** Throws where nobody knows. */
function isYes(check: PasswordCheck): boolean {
  if (check.ok) return true;
  if (check.reason === "unavailable") throw new Error("The password could not be hashed.");
  return false;
}

/** Hexadecimal MD5 of salt, 0x59, password, 0xF7, salt; then the salt itself, 32 letters. */
function checkNsMtaMd5(data: string, given: Buffer): boolean {
  if (data.length !== 64) return false;
  const salt = Buffer.from(data.slice(32), "latin1");
  const parts = [salt, Buffer.from([0x59]), given, Buffer.from([0xf7]), salt];
  const computed = createHash("md5").update(Buffer.concat(parts)).digest("hex");
  return isSame(Buffer.from(computed), Buffer.from(data.slice(0, 32)));
}
