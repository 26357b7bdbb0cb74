import { isUtf8 } from "node:buffer";
import type { PasswordRefusal } from "../../passwords/password-check.ts";
import { MOST_ITERATIONS } from "../../passwords/pbkdf2.ts";
import { isPlainText } from "../../passwords/plain-text.ts";
import { isSame } from "../../passwords/same-bytes.ts";
import { readScramKeys, type ScramKeys, scramKeys } from "../../passwords/scram.ts";
import { readStoredPassword } from "../../passwords/stored-password.ts";

/** RFC 5802 section 5.1: `s` and `i`. */
export interface ScramSalt {
  readonly salt: Buffer;
  readonly iterations: number;
}

/** The salt and the iterations as an exchange holds them. */
export interface Served {
  /** Base64. */
  readonly salt: string;
  readonly iterations: number;
}

/** What a client is told of a stored `{SCRAM-SHA-256}`: undefined for all other values, and where its browser would be kept busy for too long. */
export function scramSaltOf(stored: string): ScramSalt | undefined {
  const keys = readKeys(stored);
  if (keys === undefined || typeof keys === "string") return undefined;
  return { salt: keys.salt, iterations: keys.iterations };
}

/**
 * The keys that a client's proof is checked with: those that are stored, if they go with what the client was told, or those of a password in plain text. Else
 * why there are none. Never rejects.
 */
export async function scramKeysOf(
  stored: string,
  { salt, iterations }: Served,
  timeout?: number,
): Promise<ScramKeys | PasswordRefusal> {
  const served = Buffer.from(salt, "base64");
  const keys = readKeys(stored);
  if (typeof keys === "string") return keys;
  if (keys !== undefined) {
    // Stored anew since, or nobody's.
    return keys.iterations === iterations && isSame(served, keys.salt) ? keys : "mismatch";
  }
  const password = readPlainText(stored);
  if (password === undefined) return "unknown-scheme";
  if (password === "") return "mismatch";
  return scramKeys(password, served, iterations, "sha256", timeout);
}

/** Undefined where it is of another scheme. */
function readKeys(stored: string): ScramKeys | PasswordRefusal | undefined {
  const read = readStoredPassword(stored);
  if (typeof read === "string") return read;
  if (read.scheme !== "SCRAM-SHA-256") return undefined;
  const keys = readScramKeys(read.data, "sha256");
  if (keys === undefined) return "malformed";
  return keys.iterations > MOST_ITERATIONS ? "too-expensive" : keys;
}

function readPlainText(stored: string): string | undefined {
  const read = readStoredPassword(stored);
  if (typeof read === "string" || !isPlainText(read.scheme)) return undefined;
  return isUtf8(read.data) ? read.data.toString() : undefined;
}
