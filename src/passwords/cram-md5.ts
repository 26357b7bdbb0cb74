import { createHash } from "node:crypto";
import { finishMd5, md5StateAfter, readMd5State, writeMd5State } from "./md5-state.ts";
import type { PasswordCheck } from "./password-check.ts";
import { isPlainText } from "./plain-text.ts";
import { isSame } from "./same-bytes.ts";
import { readStoredPassword, type StoredPassword } from "./stored-password.ts";

const BLOCK = 64;
const STATE = 16;

/** A challenge that was given out, and what came back. */
export interface CramMd5Digest {
  readonly challenge: string;
  /** 32 hexadecimal digits in lower case. */
  readonly digest: string;
}

/**
 * The 32 bytes that {CRAM-MD5} keeps of a password: the two halves of HMAC-MD5 (RFC 2104 section 2) with the password as its key, outer first, each the state of an
 * MD5 after its first block. They are all that CRAM-MD5 (RFC 2195) needs, so that they are worth as much as the password there. Without a salt: equal passwords
 * have equal ones.
 */
export function cramMd5Context(password: string | Uint8Array): Buffer {
  const bytes = Buffer.from(password);
  const key = Buffer.alloc(BLOCK);
  key.set(bytes.length > BLOCK ? createHash("md5").update(bytes).digest() : bytes);
  const half = (pad: number) => writeMd5State(md5StateAfter(key.map((byte) => byte ^ pad)));
  return Buffer.concat([half(0x5c), half(0x36)]);
}

/**
 * What a client answers to a challenge, HMAC-MD5 in lower-case hexadecimal digits (RFC 2195 section 2). The secret is a password (a string), or the 32 bytes that
 * `cramMd5Context` makes of it.
 */
export function cramMd5Response(secret: string | Buffer, challenge: string): string {
  const context = typeof secret === "string" ? cramMd5Context(secret) : secret;
  const outer = readMd5State(context.subarray(0, STATE));
  const inner = readMd5State(context.subarray(STATE, 2 * STATE));
  return finishMd5(outer, finishMd5(inner, Buffer.from(challenge))).toString("hex");
}

/**
 * Is this the answer of somebody who knows the password that this value was made of? Of {CRAM-MD5}, {HMAC-MD5} and plain text ({PLAIN}, {CLEARTEXT}, {CLEAR})
 * that can be told, of all others not: `unknown-scheme`. A digest in capitals is a wrong one, as in Dovecot. Nobody has the empty password. Never throws.
 */
export function checkCramMd5Response(stored: string, answer: CramMd5Digest): PasswordCheck {
  const read = readStoredPassword(stored);
  if (typeof read === "string") return { ok: false, reason: read };
  const context = contextOf(read);
  if (context === undefined) return { ok: false, reason: "unknown-scheme" };
  const { challenge, digest } = answer;
  const isText = typeof challenge === "string" && typeof digest === "string";
  if (!isText || isSame(context, cramMd5Context(""))) return { ok: false, reason: "mismatch" };
  const expected = cramMd5Response(context, challenge);
  const isRight = isSame(Buffer.from(digest), Buffer.from(expected));
  return isRight ? { ok: true } : { ok: false, reason: "mismatch" };
}

function contextOf({ scheme, data }: StoredPassword): Buffer | undefined {
  if (scheme === "CRAM-MD5" || scheme === "HMAC-MD5") return data;
  return isPlainText(scheme) ? cramMd5Context(data) : undefined;
}
