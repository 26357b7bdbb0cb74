/** How the bytes that a scheme makes are written behind its `{SCHEME}`. */
export interface SchemeData {
  readonly encoding: Encoding;
  /** Bytes; undefined: as many as there are. */
  readonly size: number | undefined;
}

/** `none`: the text is the value, as with `$6$…` and plain text. */
export type Encoding = "none" | "hex" | "base64";

const text: SchemeData = { encoding: "none", size: undefined };
const salted: SchemeData = { encoding: "base64", size: undefined };
const digest = (encoding: Encoding, size: number): SchemeData => ({ encoding, size });

/** The name of a scheme that can be checked. */
export type SchemeName =
  | "PLAIN"
  | "CLEAR"
  | "CLEARTEXT"
  | "PLAIN-TRUNC"
  | "PLAIN-MD4"
  | "PLAIN-MD5"
  | "LDAP-MD5"
  | "MD5"
  | "SHA"
  | "SHA1"
  | "SHA256"
  | "SHA512"
  | "SMD5"
  | "SSHA"
  | "SSHA256"
  | "SSHA512"
  | "CRYPT"
  | "DES-CRYPT"
  | "MD5-CRYPT"
  | "SHA256-CRYPT"
  | "SHA512-CRYPT"
  | "BLF-CRYPT"
  | "ARGON2I"
  | "ARGON2ID"
  | "ARGON2"
  | "PBKDF2"
  | "PBKDF2-SHA1"
  | "PBKDF2-SHA256"
  | "PBKDF2-SHA512"
  | "CRAM-MD5"
  | "HMAC-MD5"
  | "DIGEST-MD5"
  | "SCRAM-SHA-1"
  | "SCRAM-SHA-256"
  | "OTP";

/** The schemes that can be checked: those of `doveadm pw -l` (Dovecot 2.3), and OpenLDAP's {ARGON2} and {PBKDF2-…}. */
export const SCHEME_DATA: Readonly<Record<SchemeName, SchemeData>> = {
  PLAIN: text,
  CLEAR: text,
  CLEARTEXT: text,
  "PLAIN-TRUNC": text,
  "PLAIN-MD4": digest("hex", 16),
  "PLAIN-MD5": digest("hex", 16),
  "LDAP-MD5": digest("base64", 16),
  MD5: text,
  SHA: digest("base64", 20),
  SHA1: digest("base64", 20),
  SHA256: digest("base64", 32),
  SHA512: digest("base64", 64),
  SMD5: salted,
  SSHA: salted,
  SSHA256: salted,
  SSHA512: salted,
  CRYPT: text,
  "DES-CRYPT": text,
  "MD5-CRYPT": text,
  "SHA256-CRYPT": text,
  "SHA512-CRYPT": text,
  "BLF-CRYPT": text,
  ARGON2I: text,
  ARGON2ID: text,
  ARGON2: text,
  PBKDF2: text,
  "PBKDF2-SHA1": text,
  "PBKDF2-SHA256": text,
  "PBKDF2-SHA512": text,
  "CRAM-MD5": digest("hex", 32),
  "HMAC-MD5": digest("hex", 32),
  "DIGEST-MD5": digest("hex", 16),
  "SCRAM-SHA-1": text,
  "SCRAM-SHA-256": text,
  OTP: text,
};

/** A scheme's name as it is written here. Only ASCII's letters are the same in both cases: "ß" would be SS, and "ſ" an S. */
export function inCapitals(name: string): string {
  return name.replace(/[a-z]/g, (letter) => letter.toUpperCase());
}

/** Whether it can be checked, given in capitals. */
export function isSchemeName(name: string): name is SchemeName {
  return Object.hasOwn(SCHEME_DATA, name);
}
