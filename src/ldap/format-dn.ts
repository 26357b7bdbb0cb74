import type { AttributeValue } from "./entry.ts";
import { escapeBytes } from "./escape-bytes.ts";
import type { Dn } from "./parse-dn.ts";

/** Writes a DN as RFC 4514 text that `parseDn` reads back to the same DN. */
export function formatDn(dn: Dn): string {
  return dn
    .map((rdn) => rdn.map(({ type, value }) => `${type}=${formatValue(value)}`).join("+"))
    .join(",");
}

/** Escapes a value for the text of a DN (RFC 4514 section 2.4), control characters too, so that it stays in its line. */
export function escapeDnValue(value: string): string {
  const escaped = value
    .replace(/["+,;<=>\\]/g, "\\$&")
    .replace(/\p{Cc}/gu, escapeBytes)
    .replace(/^[ #]/, "\\$&");
  // A lone space was escaped above.
  return escaped.endsWith(" ") && escaped !== "\\ " ? `${escaped.slice(0, -1)}\\ ` : escaped;
}

function formatValue(value: AttributeValue): string {
  return typeof value === "string"
    ? escapeDnValue(value)
    : `#${octetString(value).toString("hex")}`;
}

function octetString(bytes: Buffer): Buffer {
  if (bytes.length < 0x80) return Buffer.concat([Buffer.from([0x04, bytes.length]), bytes]);
  const header = Buffer.from([0x04, 0x84, 0, 0, 0, 0]);
  header.writeUInt32BE(bytes.length, 2);
  return Buffer.concat([header, bytes]);
}
