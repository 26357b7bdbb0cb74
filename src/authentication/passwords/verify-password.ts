import { createHash, hash, timingSafeEqual } from "node:crypto";

/** The schemes of RFC 2307 and OpenLDAP: digest, its bytes, and whether a salt must follow it. */
const DIGESTS: Readonly<
  Record<string, { readonly algorithm: string; readonly size: number; readonly salted: boolean }>
> = {
  SSHA: { algorithm: "sha1", size: 20, salted: true },
  SHA: { algorithm: "sha1", size: 20, salted: false },
  SMD5: { algorithm: "md5", size: 16, salted: true },
  MD5: { algorithm: "md5", size: 16, salted: false },
};

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Is this the password that a `userPassword` value was made of? {SSHA}, {SHA}, {SMD5}, {MD5}, {CLEARTEXT}, {PLAIN} (any letter case) and
 * values without a scheme are known; any other scheme and whatever is damaged is a no. Takes the same time wherever the two differ.
 */
export function verifyPassword(stored: Buffer | string, given: Buffer | string): boolean {
  const password = Buffer.from(given);
  const text = stored.toString();
  const [, scheme, rest = ""] = /^\{([^}]+)\}(.*)$/s.exec(text) ?? [];
  if (scheme === undefined) return isEqual(Buffer.from(stored), password);
  const name = scheme.toUpperCase();
  if (name === "CLEARTEXT" || name === "PLAIN") return isEqual(Buffer.from(rest), password);
  const digest = Object.hasOwn(DIGESTS, name) ? DIGESTS[name] : undefined;
  if (digest === undefined || !BASE64.test(rest)) return false;
  const bytes = Buffer.from(rest, "base64");
  const { algorithm, size, salted } = digest;
  if (salted ? bytes.length <= size : bytes.length !== size) return false;
  const computed = createHash(algorithm).update(password).update(bytes.subarray(size)).digest();
  return timingSafeEqual(computed, bytes.subarray(0, size));
}

/** Compares digests, so that neither the time nor an exception tells a length. */
function isEqual(a: Buffer, b: Buffer): boolean {
  return timingSafeEqual(hash("sha256", a, "buffer"), hash("sha256", b, "buffer"));
}
