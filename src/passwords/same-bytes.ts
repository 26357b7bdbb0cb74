import { createHash, timingSafeEqual } from "node:crypto";

/** Whether these are equal, in a time that tells neither where they differ nor how long the stored one is. */
export function isSame(given: Uint8Array, stored: Uint8Array): boolean {
  const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();
  return timingSafeEqual(digest(given), digest(stored));
}
