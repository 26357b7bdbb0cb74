import { sharedPool } from "./crypt/shared-pool.ts";
import type { PasswordRefusal } from "./password-check.ts";

/** How a key is derived from a password (RFC 8018 section 5.2). */
export interface Pbkdf2Recipe {
  readonly digest: "sha1" | "sha256" | "sha512";
  readonly salt: Uint8Array;
  readonly iterations: number;
  /** Bytes of the key. */
  readonly size: number;
}

/**
 * 0.5 to 0.8 s of a processor that has SHA in hardware, with SHA-512 as with SHA-1 (Node 24, a 2020s server), and about 2 s of one that has not. Above what
 * is recommended today, 1,300,000 for SHA-1.
 */
export const MOST_ITERATIONS = 2_000_000;

/**
 * Derives a key in a thread of its own, within `timeout` milliseconds, waiting included (`unavailable`). More than 2,000,000 iterations are `too-expensive`, and
 * nothing is computed. Never rejects.
 */
export async function derivePbkdf2(
  password: string,
  recipe: Pbkdf2Recipe,
  timeout: number,
): Promise<Buffer | PasswordRefusal> {
  // With none at all, Dovecot takes any password for that of a key of zeros.
  if (!Number.isSafeInteger(recipe.iterations) || recipe.iterations < 1) return "malformed";
  if (recipe.iterations > MOST_ITERATIONS) return "too-expensive";
  const answer = await sharedPool.hash({ algorithm: "pbkdf2", password, ...recipe }, timeout);
  return answer.ok ? Buffer.from(answer.hash, "hex") : "unavailable";
}
