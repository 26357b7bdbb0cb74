/** The four words of an MD5 under way. */
export type Md5State = readonly [number, number, number, number];

const BLOCK = 64;
const START: Md5State = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];

/** RFC 1321 section 3.4: how far each step rotates, by round, and the table T. */
const ROTATIONS = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
] as const;
const SINES = Uint32Array.from({ length: BLOCK }, (_, step) =>
  Math.floor(2 ** 32 * Math.abs(Math.sin(step + 1))),
);

/** The state after one block of 64 bytes: what HMAC-MD5 knows of a key before there is a text, and which node:crypto does not hand out. */
export function md5StateAfter(block: Uint8Array): Md5State {
  return compress(START, block);
}

/** The 16 bytes of an MD5 whose state covers one block already, and which ends with `rest`. */
export function finishMd5(state: Md5State, rest: Uint8Array): Buffer {
  // RFC 1321 sections 3.1 and 3.2: a one bit, zeros up to a whole block less eight bytes, and the length in bits.
  const padded = Buffer.alloc(Math.ceil((rest.length + 9) / BLOCK) * BLOCK);
  padded.set(rest);
  padded[rest.length] = 0x80;
  padded.writeBigUInt64LE(BigInt(BLOCK + rest.length) * 8n, padded.length - 8);
  let current = state;
  for (let at = 0; at < padded.length; at += BLOCK) {
    current = compress(current, padded.subarray(at, at + BLOCK));
  }
  return writeMd5State(current);
}

/** 16 bytes, as a finished digest is written: little-endian. */
export function writeMd5State(state: Md5State): Buffer {
  const bytes = Buffer.alloc(16);
  for (const [at, word] of state.entries()) bytes.writeUInt32LE(word, 4 * at);
  return bytes;
}

/** What `writeMd5State` has written. */
export function readMd5State(bytes: Buffer): Md5State {
  const word = (at: number) => bytes.readUInt32LE(4 * at);
  return [word(0), word(1), word(2), word(3)];
}

function compress(state: Md5State, block: Uint8Array): Md5State {
  const view = new DataView(block.buffer, block.byteOffset, BLOCK);
  let [a, b, c, d] = state;
  for (let step = 0; step < BLOCK; step++) {
    const round = step >> 4;
    const word = view.getUint32(4 * wordOf(round, step), true);
    const sum = (a + mix(round, b, c, d) + (SINES[step] ?? 0) + word) | 0;
    const rotation = ROTATIONS[round]?.[step & 3] ?? 0;
    [a, d, c, b] = [d, c, b, (b + ((sum << rotation) | (sum >>> (32 - rotation)))) | 0];
  }
  return [(state[0] + a) >>> 0, (state[1] + b) >>> 0, (state[2] + c) >>> 0, (state[3] + d) >>> 0];
}

/** The functions F, G, H and I. */
function mix(round: number, b: number, c: number, d: number): number {
  if (round === 0) return (b & c) | (~b & d);
  if (round === 1) return (b & d) | (c & ~d);
  return round === 2 ? b ^ c ^ d : c ^ (b | ~d);
}

/** Which of the block's sixteen words comes in. */
function wordOf(round: number, step: number): number {
  if (round === 0) return step;
  if (round === 1) return (5 * step + 1) & 15;
  return (round === 2 ? 3 * step + 5 : 7 * step) & 15;
}
