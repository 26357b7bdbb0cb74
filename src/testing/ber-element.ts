/** What arrived is not BER as LDAP restricts it (RFC 4511 section 5.1), or not the LDAP message it should be. */
export class MalformedMessageError extends Error {
  override readonly name = "MalformedMessageError";
}

/** One BER or DER element. What is inside a constructed one is read with `readElements(content)`. */
export interface Element {
  readonly tag: number;
  readonly content: Buffer;
}

/** Where an element's content begins and ends; undefined while too few bytes are there to tell. Throws `MalformedMessageError`. */
export function measureElement(
  bytes: Buffer,
  start: number,
): { readonly begin: number; readonly end: number } | undefined {
  const first = bytes[start + 1];
  if (first === undefined) return undefined;
  if (first < 0x80) return { begin: start + 2, end: start + 2 + first };
  const size = first & 0x7f;
  if (size === 0) throw new MalformedMessageError("an indefinite length");
  if (size > 4) throw new MalformedMessageError("a length of more than four bytes");
  const begin = start + 2 + size;
  if (bytes.length < begin) return undefined;
  return { begin, end: begin + bytes.readUIntBE(start + 2, size) };
}

/** The elements that stand one after the other in these bytes. Throws `MalformedMessageError`. */
export function readElements(bytes: Buffer): readonly Element[] {
  const elements: Element[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const extent = measureElement(bytes, offset);
    if (extent === undefined || extent.end > bytes.length) {
      throw new MalformedMessageError("an element that is longer than what holds it");
    }
    elements.push({
      tag: bytes.readUInt8(offset),
      content: bytes.subarray(extent.begin, extent.end),
    });
    offset = extent.end;
  }
  return elements;
}

/** A two's complement INTEGER, ENUMERATED or BOOLEAN of at most four bytes. Throws `MalformedMessageError`. */
export function readInteger(content: Buffer): number {
  if (content.length === 0 || content.length > 4) {
    throw new MalformedMessageError(`an integer of ${content.length} bytes`);
  }
  return content.readIntBE(0, content.length);
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** An LDAPString (RFC 4511 section 4.1.2). Throws `MalformedMessageError` if it is not UTF-8. */
export function readText(content: Buffer): string {
  try {
    return utf8.decode(content);
  } catch (cause) {
    throw new MalformedMessageError("text that is not UTF-8", { cause });
  }
}

/** Writes one element: definite length in the fewest bytes, so that the result is DER too. */
export function element(tag: number, ...contents: readonly (Buffer | string)[]): Buffer {
  const parts = contents.map((part) => (typeof part === "string" ? Buffer.from(part) : part));
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Buffer.of(tag), writeLength(length), ...parts]);
}

function writeLength(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  const used = bytes.subarray(bytes.findIndex((byte) => byte !== 0));
  return Buffer.concat([Buffer.of(0x80 | used.length), used]);
}

/** Writes an INTEGER, or with another tag an ENUMERATED, of up to 32 bits. */
export function integer(value: number, tag = 0x02): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  let start = 0;
  while (start < 3 && isSignExtension(bytes, start)) start += 1;
  return element(tag, bytes.subarray(start));
}

function isSignExtension(bytes: Buffer, at: number): boolean {
  const next = bytes.readUInt8(at + 1);
  return bytes[at] === 0x00 ? next < 0x80 : bytes[at] === 0xff && next >= 0x80;
}
