import { createHash, createHmac } from "node:crypto";
import { decodeBase64 } from "./decode-bytes.ts";
import type { PasswordRefusal } from "./password-check.ts";
import { derivePbkdf2 } from "./pbkdf2.ts";
import { isSame } from "./same-bytes.ts";

/** The hash of SCRAM-SHA-1 (RFC 5802) and SCRAM-SHA-256 (RFC 7677). */
export type ScramAlgorithm = "sha1" | "sha256";

/** What is kept of a password for SCRAM (RFC 5802 section 3): enough to check a proof, and not enough to make one. */
export interface ScramKeys {
  readonly algorithm: ScramAlgorithm;
  readonly iterations: number;
  readonly salt: Buffer;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

/** Bytes of what each hash makes. */
const SIZE: Readonly<Record<ScramAlgorithm, number>> = { sha1: 20, sha256: 32 };
/** RFC 5802 section 5.1 and Dovecot: less is an error. */
const LEAST_ITERATIONS = 4_096;
const MOST_ITERATIONS = 2 ** 31 - 1;

/** Reads `iterations,salt,StoredKey,ServerKey`, the last three in base64: what stands behind {SCRAM-SHA-…}. Undefined for all that is not that. */
export function readScramKeys(data: Buffer, algorithm: ScramAlgorithm): ScramKeys | undefined {
  const fields = data.toString("latin1").split(",");
  const [iterationsText = "", ...encoded] = fields;
  if (fields.length !== 4 || !/^[0-9]{1,10}$/.test(iterationsText)) return undefined;
  const iterations = Number(iterationsText);
  if (iterations < LEAST_ITERATIONS || iterations > MOST_ITERATIONS) return undefined;
  const [salt, storedKey, serverKey] = encoded.map(decodeBase64);
  if (salt === undefined || storedKey?.length !== SIZE[algorithm]) return undefined;
  if (serverKey?.length !== SIZE[algorithm]) return undefined;
  return { algorithm, iterations, salt, storedKey, serverKey };
}

/** The text that `readScramKeys` reads. */
export function writeScramKeys({ iterations, salt, storedKey, serverKey }: ScramKeys): string {
  const encoded = [salt, storedKey, serverKey].map((bytes) => bytes.toString("base64"));
  return [iterations, ...encoded].join(",");
}

/**
 * Derives the keys from a password (RFC 5802 section 3), which is taken as it comes: no SASLprep, as in Dovecot. In a thread of its own, within `timeout`
 * milliseconds; it answers `too-expensive` and `unavailable` as `derivePbkdf2` does.
 */
export async function scramKeys(
  password: string,
  salt: Buffer,
  iterations: number,
  algorithm: ScramAlgorithm,
  timeout = 10_000,
): Promise<ScramKeys | PasswordRefusal> {
  const size = SIZE[algorithm];
  const recipe = { digest: algorithm, salt, iterations, size } as const;
  const salted = await derivePbkdf2(password, recipe, timeout);
  if (typeof salted === "string") return salted;
  const storedKey = digestOf(algorithm, hmac(algorithm, salted, "Client Key"));
  const serverKey = hmac(algorithm, salted, "Server Key");
  return { algorithm, iterations, salt, storedKey, serverKey };
}

/**
 * Does this proof show that who made it knows the password? The ClientProof of RFC 5802 section 3, to an `AuthMessage` that holds a nonce of ours. Never throws.
 */
export function provesScram(keys: ScramKeys, authMessage: string, proof: Uint8Array): boolean {
  const { algorithm, storedKey } = keys;
  const signature = hmac(algorithm, storedKey, authMessage);
  if (proof.length !== signature.length) return false;
  const clientKey = signature.map((byte, at) => byte ^ (proof[at] ?? 0));
  return isSame(digestOf(algorithm, clientKey), storedKey);
}

/** ServerSignature (RFC 5802 section 3), which shows the client that we know its keys. */
export function scramServerSignature(keys: ScramKeys, authMessage: string): Buffer {
  return hmac(keys.algorithm, keys.serverKey, authMessage);
}

function hmac(algorithm: ScramAlgorithm, key: Uint8Array, text: string): Buffer {
  return createHmac(algorithm, key).update(text).digest();
}

function digestOf(algorithm: ScramAlgorithm, bytes: Uint8Array): Buffer {
  return createHash(algorithm).update(bytes).digest();
}
