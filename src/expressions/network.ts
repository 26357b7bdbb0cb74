import { isIPv4, isIPv6 } from "node:net";

/** An address, or the addresses that agree with it where its mask has ones. */
export interface Network {
  readonly bytes: Uint8Array;
  readonly mask: Uint8Array;
}

const MAPPED = /^::ffff:(?=[0-9]+\.)/i;

/**
 * An address or network as httpd takes it: `10.1.2.3`, `10.1`, `10.1.0.0/16`, `10.1.0.0/255.255.0.0`, `2001:db8::/32`. Undefined for
 * what is none.
 */
export function parseNetwork(text: string): Network | undefined {
  if (MAPPED.test(text)) return undefined;
  const slash = text.indexOf("/");
  if (slash < 0) return parsePartial(text) ?? parseWhole(text);
  const bytes = addressBytes(text.slice(0, slash));
  if (bytes === undefined) return undefined;
  const mask = parseMask(text.slice(slash + 1), bytes.length);
  return mask && { bytes: bytes.map((byte, i) => byte & (mask[i] ?? 0)), mask };
}

/** Whether an address, an IPv4 one also as `::ffff:10.1.2.3`, is in a network; undefined if it is no address. */
export function isInNetwork(network: Network, address: string): boolean | undefined {
  const bytes = addressBytes(address.replace(MAPPED, ""));
  if (bytes === undefined) return undefined;
  if (bytes.length !== network.bytes.length) return false;
  return bytes.every((byte, i) => (byte & (network.mask[i] ?? 0)) === network.bytes[i]);
}

function parseWhole(text: string): Network | undefined {
  const bytes = addressBytes(text);
  return bytes && { bytes, mask: new Uint8Array(bytes.length).fill(0xff) };
}

/** One to three numbers of an IPv4 address, a dot behind them or not. */
function parsePartial(text: string): Network | undefined {
  const found = /^[0-9]{1,3}(?:\.[0-9]{1,3}){0,2}\.?$/.test(text);
  const numbers = text.replace(/\.$/, "").split(".").map(Number);
  if (!found || numbers.some((number) => number > 255)) return undefined;
  const mask = Uint8Array.of(0, 0, 0, 0).fill(0xff, 0, numbers.length);
  return { bytes: Uint8Array.of(...numbers, 0, 0, 0).slice(0, 4), mask };
}

function parseMask(text: string, length: number): Uint8Array | undefined {
  if (/^[0-9]{1,3}$/.test(text)) {
    const bits = Number(text);
    // httpd takes no /0.
    if (bits === 0 || bits > 8 * length) return undefined;
    return Uint8Array.from({ length }, (_, i) => {
      const here = Math.min(8, Math.max(0, bits - 8 * i));
      return 0xff & (0xff << (8 - here));
    });
  }
  return length === 4 && isIPv4(text) ? addressBytes(text) : undefined;
}

function addressBytes(text: string): Uint8Array | undefined {
  if (isIPv4(text)) return Uint8Array.from(text.split("."), Number);
  if (!isIPv6(text)) return undefined;
  // A zone (fe80::1%eth0) says where, not which.
  const plain = text.replace(/%.*$/s, "");
  const withoutIpv4 = plain.replace(/[0-9.]+$/, (last) => {
    if (!last.includes(".")) return last;
    const [a = 0, b = 0, c = 0, d = 0] = last.split(".").map(Number);
    return `${(256 * a + b).toString(16)}:${(256 * c + d).toString(16)}`;
  });
  const [before = "", after] = withoutIpv4.split("::");
  const head = before === "" ? [] : before.split(":");
  const tail = after === undefined || after === "" ? [] : after.split(":");
  const zeros = new Array<string>(8 - head.length - tail.length).fill("0");
  const words = [...head, ...zeros, ...tail].map((word) => Number.parseInt(word, 16));
  return Uint8Array.from(words.flatMap((word) => [word >> 8, word & 0xff]));
}
