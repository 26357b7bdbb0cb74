import { createHash } from "node:crypto";
import { cryptLetters, NO_BYTE } from "./crypt-letters.ts";

const ALGORITHMS = { $5$: "sha256", $6$: "sha512" } as const;

/**
 * Ulrich Drepper's SHA-crypt, as crypt(3) has it with `$5$` (SHA-256) and `$6$` (SHA-512): the letters behind the last `$`. The
 * salt has at most 16 bytes. 100,000 rounds take a tenth of a second and more: not for the event loop.
 */
export function shaCrypt(
  password: string,
  salt: string,
  magic: keyof typeof ALGORITHMS,
  rounds: number,
): string {
  const digestOf = (...parts: readonly Buffer[]): Buffer => {
    const hash = createHash(ALGORITHMS[magic]);
    for (const part of parts) hash.update(part);
    return hash.digest();
  };
  const key = Buffer.from(password);
  const salted = Buffer.from(salt);

  const inner = digestOf(key, salted, key);
  const parts = [key, salted, repeated(inner, key.length)];
  for (let bits = key.length; bits > 0; bits >>= 1) parts.push(bits & 1 ? inner : key);
  let digest = digestOf(...parts);

  const keys = repeated(digestOf(...Array<Buffer>(key.length).fill(key)), key.length);
  const saltTimes = 16 + (digest[0] ?? 0);
  const salts = repeated(digestOf(...Array<Buffer>(saltTimes).fill(salted)), salted.length);

  for (let round = 0; round < rounds; round++) {
    const isOdd = round % 2 === 1;
    digest = digestOf(
      isOdd ? keys : digest,
      round % 3 === 0 ? NOTHING : salts,
      round % 7 === 0 ? NOTHING : keys,
      isOdd ? digest : keys,
    );
  }
  return magic === "$5$" ? lettersOf256(digest) : lettersOf512(digest);
}

const NOTHING = Buffer.alloc(0);

/** The bytes over and over, as many as are wanted. */
function repeated(bytes: Buffer, length: number): Buffer {
  return Buffer.alloc(length, bytes);
}

function lettersOf256(digest: Buffer): string {
  let text = "";
  let [a, b, c] = [0, 10, 20];
  for (let group = 0; group < 10; group++) {
    text += cryptLetters(digest, [a, b, c]);
    [a, b, c] = [c + 1, a + 1, b + 1];
  }
  return text + cryptLetters(digest, [NO_BYTE, 31, 30], 3);
}

function lettersOf512(digest: Buffer): string {
  let text = "";
  let [a, b, c] = [0, 21, 42];
  for (let group = 0; group < 21; group++) {
    text += cryptLetters(digest, [a, b, c]);
    [a, b, c] = [b + 1, c + 1, a + 1];
  }
  return text + cryptLetters(digest, [NO_BYTE, NO_BYTE, 63], 2);
}
