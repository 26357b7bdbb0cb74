import { isUtf8 } from "node:buffer";
import { objectIdentifierPattern } from "./attribute-description.ts";
import type { AttributeValue } from "./entry.ts";
import { LONGEST_TEXT } from "./longest-text.ts";

/** One `type=value` of an RDN. */
export interface AttributeTypeAndValue {
  /** As spelled: a name or an OID. */
  readonly type: string;
  /** Without escapes: text where it is valid UTF-8, else bytes. */
  readonly value: AttributeValue;
}

/** A relative distinguished name: one or more types with their values. */
export type Rdn = readonly AttributeTypeAndValue[];

/** A distinguished name, the entry's own RDN first. The root's is empty. */
export type Dn = readonly Rdn[];

/**
 * Reads a DN (RFC 4514); undefined if it is none. Spaces around types, values and separators are allowed, as in
 * OpenLDAP; RFC 2253's `;` between RDNs and its quoted values are not.
 */
export function parseDn(text: string): Dn | undefined {
  if (typeof text !== "string" || text.length > LONGEST_TEXT) return undefined;
  if (!text.isWellFormed()) return undefined;
  const cursor = { text, at: 0 };
  match(cursor, / +/y);
  if (cursor.at === text.length) return [];

  const dn: Rdn[] = [];
  do {
    const rdn: AttributeTypeAndValue[] = [];
    do {
      const part = readPart(cursor);
      if (part === undefined) return undefined;
      rdn.push(part);
    } while (match(cursor, /\+/y) !== undefined);
    dn.push(rdn);
  } while (match(cursor, /,/y) !== undefined);
  return cursor.at === text.length ? dn : undefined;
}

interface Cursor {
  readonly text: string;
  at: number;
}

function match(cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text)?.[0];
  cursor.at += found?.length ?? 0;
  return found;
}

function readPart(cursor: Cursor): AttributeTypeAndValue | undefined {
  match(cursor, / +/y);
  const type = match(cursor, objectIdentifierPattern());
  if (type === undefined || match(cursor, / *= */y) === undefined) return undefined;
  const bytes = cursor.text[cursor.at] === "#" ? readHexValue(cursor) : readValue(cursor);
  if (bytes === undefined) return undefined;
  return { type, value: isUtf8(bytes) ? bytes.toString() : bytes };
}

function readValue(cursor: Cursor): Buffer {
  const parts: Buffer[] = [];
  for (;;) {
    const plain = match(cursor, /[^\\,+;"<>\0]+/y);
    if (plain !== undefined) {
      const isLast = cursor.text[cursor.at] !== "\\";
      parts.push(Buffer.from(isLast ? withoutTrailingSpaces(plain) : plain));
    }
    const escaped = match(cursor, /\\(?:[0-9A-Fa-f]{2}|[ "#+,;<=>\\])/y);
    if (escaped === undefined) return Buffer.concat(parts);
    parts.push(
      escaped.length === 3 ? Buffer.from(escaped.slice(1), "hex") : Buffer.from(escaped.slice(1)),
    );
  }
}

/** Not a pattern: ` +$` costs the square of a long run of spaces. */
function withoutTrailingSpaces(text: string): string {
  let end = text.length;
  while (text[end - 1] === " ") end--;
  return text.slice(0, end);
}

/** OCTET STRING, UTF8String, PrintableString, IA5String: what holds a value's text as it is. */
const STRING_TAGS: ReadonlySet<number | undefined> = new Set([0x04, 0x0c, 0x13, 0x16]);

/** The content of a `#` value, which is the BER of a string: RFC 4514 section 2.4. */
function readHexValue(cursor: Cursor): Buffer | undefined {
  const hex = match(cursor, /#(?:[0-9A-Fa-f]{2})+/y);
  match(cursor, / +/y);
  if (hex === undefined) return undefined;
  const ber = Buffer.from(hex.slice(1), "hex");
  const [tag, length = 0] = ber;
  if (!STRING_TAGS.has(tag) || ber.length < 2) return undefined;

  const lengthBytes = length < 0x80 ? 0 : length - 0x80;
  if (length === 0x80 || lengthBytes > 4 || ber.length < 2 + lengthBytes) return undefined;
  const expected = lengthBytes === 0 ? length : ber.readUIntBE(2, lengthBytes);
  const content = ber.subarray(2 + lengthBytes);
  return content.length === expected ? content : undefined;
}
