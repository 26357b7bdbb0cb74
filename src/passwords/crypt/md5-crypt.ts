import { createHash } from "node:crypto";
import { cryptLetters, NO_BYTE } from "./crypt-letters.ts";

const ROUNDS = 1_000;
/** Which bytes of the digest make each group of four letters. */
const GROUPS = [
  [0, 6, 12],
  [1, 7, 13],
  [2, 8, 14],
  [3, 9, 15],
  [4, 10, 5],
] as const;

/**
 * Poul-Henning Kamp's MD5 crypt, as crypt(3) has it with the magic `$1$` and Apache's `htpasswd -m` with `$apr1$`. Weak by today's
 * measure, and what most htpasswd files hold. The salt has at most 8 letters.
 */
export function md5Crypt(password: string, salt: string, magic: "$1$" | "$apr1$"): string {
  const key = Buffer.from(password);
  const salted = Buffer.from(salt.slice(0, 8));
  const inner = md5(key, salted, key);
  const parts: Buffer[] = [key, Buffer.from(magic), salted];
  parts.push(Buffer.alloc(key.length, inner));
  for (let bits = key.length; bits > 0; bits >>= 1) {
    parts.push(bits & 1 ? Buffer.alloc(1) : key.subarray(0, 1));
  }
  let digest = md5(...parts);
  for (let round = 0; round < ROUNDS; round++) {
    const isOdd = round % 2 === 1;
    digest = md5(
      isOdd ? key : digest,
      round % 3 === 0 ? NOTHING : salted,
      round % 7 === 0 ? NOTHING : key,
      isOdd ? digest : key,
    );
  }
  return `${magic}${salted.toString()}$${md5Letters(digest)}`;
}

const NOTHING = Buffer.alloc(0);

function md5(...parts: readonly Buffer[]): Buffer {
  const hash = createHash("md5");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** The 16 bytes of the digest as they stand behind the last `$`. */
export function md5Letters(digest: Buffer): string {
  const groups = GROUPS.map((group) => cryptLetters(digest, group));
  return groups.join("") + cryptLetters(digest, [NO_BYTE, NO_BYTE, 11], 2);
}
