import { randomBytes, randomInt } from "node:crypto";
import { encodeBase64 as bcryptLetters } from "bcryptjs";
import { DirectoryError } from "../../errors.ts";
import { canBeHashed } from "./check-crypt.ts";
import { ALPHABET } from "./crypt-letters.ts";
import type { Hashing } from "./hashing.ts";
import { sharedPool } from "./shared-pool.ts";
import { unpadded } from "./unpadded.ts";

/** The kinds that are worth writing. */
export type WrittenKind = "crypt" | "blf-crypt" | "sha256-crypt" | "sha512-crypt" | "argon2";

const BCRYPT_COST = 12;
const ROUNDS = 100_000;
/** As Dovecot has it, and RFC 9106 section 4 for where 64 MiB are what there is. */
const ARGON2 = { memory: 64 * 1024, iterations: 3, parallelism: 1, size: 32 } as const;
const SALT_BYTES = 16;
/** Milliseconds. */
const TIMEOUT = 30_000;

/**
 * Makes the value to store, without `{SCHEME}`: bcrypt with cost 12 (`$2y$`; the first 72 bytes count) for `crypt` and `blf-crypt`, SHA-crypt with 100,000
 * rounds, or argon2id with 64 MiB and 3 iterations. Each takes about a quarter of a second of a processor, in a thread of its own. Rejects with a
 * `RangeError` for a password with a NUL or of more than 512 bytes (`argon2`: an empty one), and with a `DirectoryError` if too many wait.
 */
export async function hashCrypt(kind: WrittenKind, password: string): Promise<string> {
  if (!canBeHashed(password, kind)) {
    throw new RangeError(
      kind === "argon2"
        ? "An empty password can't be hashed with Argon2."
        : "A password with a NUL or of more than 512 bytes can't be hashed with crypt.",
    );
  }
  switch (kind) {
    case "crypt":
    case "blf-crypt": {
      const setting = `$2b$${BCRYPT_COST}$${bcryptLetters(randomBytes(SALT_BYTES), SALT_BYTES)}`;
      const hash = await compute({ algorithm: "bcrypt", password, setting });
      return hash.replace(/^\$2b/, "$2y");
    }
    case "sha256-crypt":
      return hashSha(password, "$5$");
    case "sha512-crypt":
      return hashSha(password, "$6$");
    case "argon2": {
      const salt = randomBytes(SALT_BYTES);
      const hash = await compute({ algorithm: "argon2", password, type: "id", salt, ...ARGON2 });
      const { memory, iterations, parallelism } = ARGON2;
      return `$argon2id$v=19$m=${memory},t=${iterations},p=${parallelism}$${unpadded(salt)}$${hash}`;
    }
  }
}

async function hashSha(password: string, magic: "$5$" | "$6$"): Promise<string> {
  const letters = Array.from({ length: SALT_BYTES }, () => ALPHABET[randomInt(ALPHABET.length)]);
  const salt = letters.join("");
  const hash = await compute({ algorithm: "sha", password, magic, salt, rounds: ROUNDS });
  return `${magic}rounds=${ROUNDS}$${salt}$${hash}`;
}

async function compute(hashing: Hashing): Promise<string> {
  const answer = await sharedPool.hash(hashing, TIMEOUT);
  if (answer.ok) return answer.hash;
  const code = answer.trouble === "busy" ? "busy" : "timeout";
  throw new DirectoryError("The password could not be hashed now.", { code });
}
