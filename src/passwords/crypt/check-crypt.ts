import type { PasswordRefusal } from "../password-check.ts";
import { isSame } from "../same-bytes.ts";
import type { HashTrouble } from "./crypt-pool.ts";
import { type CryptKind, readCrypt } from "./read-crypt.ts";
import { sharedPool } from "./shared-pool.ts";

/** A `PasswordCheck` that says why one was `unavailable`. */
export type CryptCheck =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: PasswordRefusal; readonly trouble?: HashTrouble };

/** What crypt(3) of libxcrypt takes, in bytes. */
const LONGEST_PASSWORD = 512;
const STAND_IN = "x".repeat(LONGEST_PASSWORD);

/**
 * Is this the password that a value of crypt(3) or Argon2, without its `{SCHEME}`, was made of? As `doveadm pw -t` says: bcrypt looks at 72 bytes,
 * DES at 8. A password with a NUL, which ends it for crypt(3), or of more than 512 bytes is never the one, and neither is an empty one for Argon2; to refuse
 * these takes as long. Computes in a thread of its own, for `timeout` milliseconds at most, waiting included; too expensive ones are refused before anything is
 * computed.
 */
export async function checkCrypt(
  kind: CryptKind,
  password: string,
  data: string,
  timeout: number,
): Promise<CryptCheck> {
  const read = readCrypt(kind, data);
  if (typeof read === "string") return { ok: false, reason: read };
  const mayMatch = canBeHashed(password, kind);
  // Another one is hashed then: a refusal at once would tell that there is a stored value of this kind.
  const hashed = mayMatch ? password : STAND_IN;
  const answer = await sharedPool.hash({ ...read.recipe, password: hashed }, timeout);
  if (!answer.ok) return { ok: false, reason: "unavailable", trouble: answer.trouble };
  const isRight = isSame(Buffer.from(answer.hash), Buffer.from(read.expected)) && mayMatch;
  return isRight ? { ok: true } : { ok: false, reason: "mismatch" };
}

/** Whether there is a hash of this password in these kinds. */
export function canBeHashed(password: string, kind: CryptKind): boolean {
  if (kind === "argon2") return password !== "";
  return !password.includes("\0") && Buffer.byteLength(password) <= LONGEST_PASSWORD;
}
