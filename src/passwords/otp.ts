import { createHash } from "node:crypto";
import { createMD4 } from "hash-wasm";
import { isSame } from "./same-bytes.ts";
import { MALFORMED, type SchemeCheck, verdict } from "./scheme-check.ts";

type Digest = (bytes: Uint8Array) => Buffer;

/** What Dovecot begins with; each login makes it one less. A millisecond's work. */
const MOST_STEPS = 1_024;
const FOLDED = 8;

/** {OTP}: `digest steps seed key`, the key of an S/Key chain (RFC 2289), which the password makes from its other end. */
export const checkOtp: SchemeCheck = async (password, data) => {
  const [, name = "", steps, seed = "", key = ""] =
    /^(md4|md5|sha1) ([1-9][0-9]{0,9}|0) ([0-9A-Za-z]{1,16}) ([0-9A-Fa-f]{16})$/.exec(
      data.toString("latin1"),
    ) ?? [];
  if (steps === undefined) return MALFORMED;
  if (Number(steps) > MOST_STEPS) return { ok: false, reason: "too-expensive" };
  const digest = name === "md4" ? await md4() : nodeDigest(name);
  let folded = fold(digest(Buffer.from(seed.toLowerCase() + password)));
  for (let step = 0; step < Number(steps); step++) folded = fold(digest(folded));
  return verdict(isSame(folded, Buffer.from(key, "hex")));
};

/** RFC 2289 appendix A: what comes behind the first 8 bytes is laid over them; SHA-1's words are turned around then. */
function fold(bytes: Buffer): Buffer {
  const folded = Buffer.alloc(FOLDED);
  for (const [at, byte] of bytes.entries()) folded[at % FOLDED] = (folded[at % FOLDED] ?? 0) ^ byte;
  return bytes.length === 20 ? folded.swap32() : folded;
}

function nodeDigest(name: string): Digest {
  return (bytes) => createHash(name).update(bytes).digest();
}

async function md4(): Promise<Digest> {
  const hasher = await createMD4();
  return (bytes) => Buffer.from(hasher.init().update(bytes).digest("binary"));
}
