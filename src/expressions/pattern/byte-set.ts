/** A set of bytes: 1 at the index of each that is in it. */
export type ByteSet = Uint8Array;

export function noBytes(): ByteSet {
  return new Uint8Array(256);
}

export function oneByte(byte: number): ByteSet {
  const set = noBytes();
  set[byte] = 1;
  return set;
}

/** The bytes of these characters and ranges: `"a-z_"`. A `-` at the end is itself. */
export function bytesOf(ranges: string): ByteSet {
  const set = noBytes();
  for (const [, from = "", to = from] of ranges.matchAll(/(.)(?:-(.))?/gs)) {
    addRange(set, from.charCodeAt(0), to.charCodeAt(0));
  }
  return set;
}

export function addRange(set: ByteSet, from: number, to: number): void {
  for (let byte = from; byte <= to; byte++) set[byte] = 1;
}

export function addAll(set: ByteSet, more: ByteSet): void {
  for (let byte = 0; byte < 256; byte++) if (more[byte] === 1) set[byte] = 1;
}

export function complementOf(set: ByteSet): ByteSet {
  return set.map((member) => 1 - member);
}

/** With the other letter case of each ASCII letter; httpd's tables know no others. */
export function inBothCases(set: ByteSet): ByteSet {
  const both = set.slice();
  for (let upper = 0x41; upper <= 0x5a; upper++) {
    const lower = upper + 0x20;
    if (set[upper] === 1 || set[lower] === 1) both[upper] = both[lower] = 1;
  }
  return both;
}
