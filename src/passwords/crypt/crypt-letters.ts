/** The letters of crypt(3), by what they stand for. */
export const ALPHABET: string = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** crypt(3)'s own base64: three bytes of the digest make four letters, the lowest bits first. */
export function cryptLetters(
  digest: Buffer,
  [high, middle, low]: readonly [high: number, middle: number, low: number],
  count = 4,
): string {
  const byte = (index: number) => digest[index] ?? 0;
  const bits = (byte(high) << 16) | (byte(middle) << 8) | byte(low);
  return Array.from({ length: count }, (_, index) => ALPHABET[(bits >> (6 * index)) & 63]).join("");
}

/** For the bytes of a last group that the digest does not have. */
export const NO_BYTE = -1;
