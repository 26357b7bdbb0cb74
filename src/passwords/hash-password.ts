import { createHash, randomBytes } from "node:crypto";
import { ConfigError, DirectoryError } from "../errors.ts";
import { cramMd5Context } from "./cram-md5.ts";
import { hashCrypt } from "./crypt/hash-crypt.ts";
import { derivePbkdf2, type Pbkdf2Recipe } from "./pbkdf2.ts";
import { toAdaptedBase64 } from "./pbkdf2-values.ts";
import { inCapitals, isSchemeName, type SchemeName } from "./scheme-data.ts";
import { scramKeys, writeScramKeys } from "./scram.ts";
import { LONGEST_PASSWORD } from "./verify-password.ts";

/**
 * The schemes that `hashPassword` writes.
 *
 * - `ARGON2ID` for this package and Dovecot, `ARGON2` for this package and slapd (its module argon2): the best there is, 64 MiB and 3 iterations
 * - `BLF-CRYPT`: bcrypt with cost 12, for passwords of at most 72 bytes
 * - `SHA512-CRYPT`, `SHA256-CRYPT`: 100,000 rounds
 * - `CRYPT`: bcrypt as above, which Dovecot and slapd both know
 * - `PBKDF2`: Dovecot's, SHA-1 with 1,300,000 iterations; `PBKDF2-SHA256` and `PBKDF2-SHA512`: slapd's (module pw-pbkdf2), 600,000 and 210,000 iterations
 * - `SCRAM-SHA-256`: 600,000 iterations, for who logs in by SCRAM
 * - `CRAM-MD5`: for who logs in by CRAM-MD5. Neither salt nor cost, and as good as the password there
 * - `SSHA`, `SSHA256`, `SSHA512`: for an OpenLDAP without modules (`SSHA`) or with pw-sha2. A salt of 16 bytes, and no cost: billions can be tried in a second
 */
export type WrittenScheme =
  | "ARGON2ID"
  | "ARGON2"
  | "BLF-CRYPT"
  | "SHA512-CRYPT"
  | "SHA256-CRYPT"
  | "CRYPT"
  | "PBKDF2"
  | "PBKDF2-SHA256"
  | "PBKDF2-SHA512"
  | "SCRAM-SHA-256"
  | "CRAM-MD5"
  | "SSHA"
  | "SSHA256"
  | "SSHA512";

/** What RFC 5802 calls `i`, in {SCRAM-SHA-256} values that are written here: the OWASP's number for PBKDF2 with SHA-256. */
export const SCRAM_ITERATIONS = 600_000;

/** The OWASP's numbers for PBKDF2, as of 2023. */
const ITERATIONS = { sha1: 1_300_000, sha256: 600_000, sha512: 210_000 } as const;
const SALT_BYTES = 16;
/** Bytes that bcrypt looks at. */
const LONGEST_FOR_BCRYPT = 72;
/** Milliseconds. */
const TIMEOUT = 30_000;

const WRITERS: Readonly<Record<WrittenScheme, (password: string) => Promise<string> | string>> = {
  ARGON2ID: (password) => hashCrypt("argon2", password),
  ARGON2: (password) => hashCrypt("argon2", password),
  "BLF-CRYPT": (password) => bcrypt("blf-crypt", password),
  "SHA512-CRYPT": (password) => hashCrypt("sha512-crypt", password),
  "SHA256-CRYPT": (password) => hashCrypt("sha256-crypt", password),
  CRYPT: (password) => bcrypt("crypt", password),
  PBKDF2: dovecotsPbkdf2,
  "PBKDF2-SHA256": (password) => openLdapsPbkdf2("sha256", 32, password),
  "PBKDF2-SHA512": (password) => openLdapsPbkdf2("sha512", 64, password),
  "SCRAM-SHA-256": scramSha256,
  "CRAM-MD5": (password) => cramMd5Context(password).toString("hex"),
  SSHA: (password) => salted("sha1", password),
  SSHA256: (password) => salted("sha256", password),
  SSHA512: (password) => salted("sha512", password),
};

/** Those that can be checked and are not written, and why. */
const NOT_WRITTEN: Readonly<Partial<Record<SchemeName, string>>> = {
  PLAIN: "it is the password itself",
  CLEAR: "it is the password itself",
  CLEARTEXT: "it is the password itself",
  "PLAIN-TRUNC": "it is the password itself",
  "DES-CRYPT": "only 8 bytes of the password count",
  "SCRAM-SHA-1": 'SHA-1 is no longer recommended: use "SCRAM-SHA-256"',
  "PBKDF2-SHA1": 'SHA-1 is no longer recommended: use "PBKDF2-SHA512"',
  ARGON2I: 'use "ARGON2ID"',
  "HMAC-MD5": 'it is another name of "CRAM-MD5"',
  "DIGEST-MD5": "RFC 6331 has made it historic",
  OTP: "it changes with every login",
};

/**
 * Makes the value to store, with its `{SCHEME}`, of a password; `verifyPassword` and `doveadm pw -t` accept it (of {ARGON2} and {PBKDF2-…}: slapd). Each of the
 * expensive schemes takes a quarter of a second or so, in a thread of its own. The name may be in any letter case.
 * Default: `ARGON2ID`, whose value Dovecot reads; for slapd name `ARGON2`, or what its modules know.
 *
 * Rejects with a `ConfigError` for a scheme that is unknown or not worth writing, with a `RangeError` for a password that nobody could log in with (empty, a NUL, a
 * lone surrogate, more than 4,096 bytes) or of which the scheme would ignore a part, and with a `DirectoryError` if too many wait.
 */
export async function hashPassword(
  password: string,
  scheme: WrittenScheme = "ARGON2ID",
): Promise<string> {
  const name = inCapitals(String(scheme));
  if (!isWritten(name)) throw refusal(name);
  requireUsable(password);
  return `{${name}}${await WRITERS[name](password)}`;
}

function isWritten(name: string): name is WrittenScheme {
  return Object.hasOwn(WRITERS, name);
}

function refusal(name: string): ConfigError {
  const written = Object.keys(WRITERS).join(", ");
  if (!isSchemeName(name)) {
    return new ConfigError(`hashPassword knows no such scheme. It writes ${written}.`, {
      option: "scheme",
    });
  }
  const why = NOT_WRITTEN[name] ?? "it can be guessed at billions of times a second";
  return new ConfigError(`hashPassword does not write {${name}}: ${why}. It writes ${written}.`, {
    option: "scheme",
  });
}

function requireUsable(password: string): void {
  if (typeof password !== "string" || password === "") {
    throw new RangeError("A password that is to be hashed must be a text that is not empty.");
  }
  if (password.includes("\0") || !password.isWellFormed()) {
    throw new RangeError("A password with a NUL or a lone surrogate can't be hashed.");
  }
  if (Buffer.byteLength(password) > LONGEST_PASSWORD) {
    throw new RangeError(`A password of more than ${LONGEST_PASSWORD} bytes can't be hashed.`);
  }
}

function bcrypt(kind: "crypt" | "blf-crypt", password: string): Promise<string> {
  if (Buffer.byteLength(password) > LONGEST_FOR_BCRYPT) {
    throw new RangeError(
      `Of a password, bcrypt looks at ${LONGEST_FOR_BCRYPT} bytes only. Use "ARGON2ID" for longer ones.`,
    );
  }
  return hashCrypt(kind, password);
}

async function dovecotsPbkdf2(password: string): Promise<string> {
  // The salt is the text itself, and Dovecot's have 16 letters.
  const salt = randomBytes(12).toString("base64url");
  const iterations = ITERATIONS.sha1;
  const recipe = { digest: "sha1", salt: Buffer.from(salt), iterations, size: 20 } as const;
  return `$1$${salt}$${iterations}$${(await derive(password, recipe)).toString("hex")}`;
}

async function openLdapsPbkdf2(
  digest: "sha256" | "sha512",
  size: number,
  password: string,
): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const iterations = ITERATIONS[digest];
  const key = await derive(password, { digest, salt, iterations, size });
  return [iterations, toAdaptedBase64(salt), toAdaptedBase64(key)].join("$");
}

async function derive(password: string, recipe: Pbkdf2Recipe): Promise<Buffer> {
  const key = await derivePbkdf2(password, recipe, TIMEOUT);
  if (typeof key === "string") throw notNow();
  return key;
}

async function scramSha256(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const keys = await scramKeys(password, salt, SCRAM_ITERATIONS, "sha256", TIMEOUT);
  if (typeof keys === "string") throw notNow();
  return writeScramKeys(keys);
}

function notNow(): DirectoryError {
  return new DirectoryError("The password could not be hashed now.", { code: "busy" });
}

function salted(algorithm: "sha1" | "sha256" | "sha512", password: string): string {
  const salt = randomBytes(SALT_BYTES);
  const digest = createHash(algorithm).update(password).update(salt).digest();
  return Buffer.concat([digest, salt]).toString("base64");
}
