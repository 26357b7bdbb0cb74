import { hash } from "node:crypto";
import { isIPv6 } from "node:net";
import { foldName } from "../authentication/folded-name.ts";

/**
 * One key for all the spellings of a name that a directory may take for the same one, so that respelling buys no more guesses. Two people whose
 * names differ only so share a budget; they are not taken for one another anywhere else.
 */
export function nameKey(typed: string): string {
  return hash("sha256", `name ${foldName(typed)}`, "base64url");
}

/** One key for one person, whatever was typed. */
export function personKey(identity: string): string {
  return hash("sha256", `person ${identity}`, "base64url");
}

/** One key for all the addresses that one customer has: a /64 of IPv6 (RFC 6177), or the IPv4 address. */
export function addressKey(address: string | undefined): string {
  return hash("sha256", `address ${network(address ?? "")}`, "base64url");
}

function network(address: string): string {
  const plain = address.replace(/%.*$/s, "").toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain);
  if (mapped?.[1]) return mapped[1];
  if (!isIPv6(plain)) return plain;
  const [before = "", after] = plain.split("::");
  const left = before.split(":").filter(Boolean);
  const right = after?.split(":").filter(Boolean) ?? [];
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => "0");
  const groups = [...left, ...zeros, ...right].slice(0, 4);
  return groups.map((group) => Number.parseInt(group, 16).toString(16)).join(":");
}
