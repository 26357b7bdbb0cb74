import { randomBytes } from "node:crypto";
import { checkCramMd5Response } from "../../passwords/cram-md5.ts";
import type { Proof } from "../credentials.ts";

/** What a client answers to a challenge of CRAM-MD5. */
export interface CramMd5Response {
  readonly username: string;
  /** 32 hexadecimal digits in lower case. */
  readonly digest: string;
}

/** A response, and the challenge that was given out for it. */
export interface CramMd5Answer extends CramMd5Response {
  readonly challenge: string;
}

const LONGEST_RESPONSE = 2_048;

/**
 * Makes a challenge of CRAM-MD5 (RFC 2195 section 2): `<random.time@host>`, never the same twice. `host` is how the visitor calls this site; what can be
 * no host name is left out. That a challenge is answered once, soon, and by whom it was given to, is the caller's to see to.
 */
export function newCramMd5Challenge(host: string): string {
  const name = /^[A-Za-z0-9._:[\]-]{1,255}$/.test(host) ? host : "localhost";
  return `<${randomBytes(16).toString("hex")}.${Math.floor(Date.now() / 1_000)}@${name}>`;
}

/** Reads `user digest`: undefined for all that is not one, capitals in the digest included, as in Dovecot. The name is as it was typed. Never throws. */
export function readCramMd5Response(text: string): CramMd5Response | undefined {
  if (typeof text !== "string" || text.length > LONGEST_RESPONSE) return undefined;
  const [, username, digest] = /^(.+) ([0-9a-f]{32})$/s.exec(text) ?? [];
  if (username === undefined || digest === undefined) return undefined;
  return { username, digest };
}

/**
 * A response as a proof. Stored values other than `{CRAM-MD5}`, `{HMAC-MD5}` and plain text can't say whether it is right: they are `unknown-scheme` (Dovecot:
 * "Requested CRAM-MD5 scheme, but we have only SSHA").
 */
export function cramMd5Proof({ username, digest, challenge }: CramMd5Answer): Proof {
  return {
    mechanism: "cram-md5",
    username,
    check: async (stored) => checkCramMd5Response(stored, { challenge, digest }),
  };
}
