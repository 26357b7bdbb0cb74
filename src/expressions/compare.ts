/** `-1`, `0` or `1`, as strcmp has it: by bytes. */
export function compareTexts(one: string, other: string): number {
  if (one === other) return 0;
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

/** Compares the integers that texts begin with; what begins with none is 0, what is too large the largest. */
export function compareIntegers(one: string, other: string): number {
  const difference = leadingInteger(one) - leadingInteger(other);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

const LARGEST = 2n ** 63n - 1n;

function leadingInteger(text: string): bigint {
  const [, sign, digits = "0"] = /^[\t-\r ]*([+-]?)0*([0-9]+)/.exec(text) ?? [];
  // Beyond 64 bits the rest of the digits makes no difference.
  const size = digits.length > 19 ? LARGEST + 1n : BigInt(digits);
  if (sign === "-") return size > LARGEST ? -LARGEST - 1n : -size;
  return size > LARGEST ? LARGEST : size;
}
