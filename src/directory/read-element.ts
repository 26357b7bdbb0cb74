/** What a server sent is not LDAP as RFC 4511 writes it. */
export class MalformedMessage extends Error {
  override readonly name = "MalformedMessage";
}

/** A place in some bytes of BER, and where they end. An element's contents have a reader of their own on the same bytes. */
export class BerReader {
  readonly bytes: Buffer;
  readonly end: number;
  offset: number;

  constructor(bytes: Buffer, start = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.offset = start;
    this.end = end;
  }

  /** How many bytes are left. */
  get remain(): number {
    return this.end - this.offset;
  }

  /** The tag of the next element; null at the end. */
  peek(): number | null {
    return this.offset < this.end ? (this.bytes[this.offset] ?? null) : null;
  }
}

/**
 * Moves over the next element, which must have this tag, a definite length of at most four bytes (RFC 4511 section 5.1), and lie wholly in
 * the reader. Returns where its contents begin; they end where the reader is then.
 */
function passElement(reader: BerReader, tag: number): number {
  const { bytes, offset, end } = reader;
  if (offset + 2 > end) throw new MalformedMessage("an element is cut off");
  const first = bytes[offset + 1] ?? 0;
  const size = first < 0x80 ? 0 : first & 0x7f;
  if (bytes[offset] !== tag || first === 0x80 || size > 4) {
    throw new MalformedMessage("an element is not what it should be");
  }
  const start = offset + 2 + size;
  if (start > end) throw new MalformedMessage("an element is cut off");
  const length = size === 0 ? first : bytes.readUIntBE(offset + 2, size);
  if (start + length > end) throw new MalformedMessage("an element is cut off");
  reader.offset = start + length;
  return start;
}

/** The contents of the next element, which must have this tag. Throws `MalformedMessage`. */
export function readElement(reader: BerReader, tag: number): Buffer {
  const start = passElement(reader, tag);
  return reader.bytes.subarray(start, reader.offset);
}

/** A constructed element: a reader that ends where the element ends. */
export function enterElement(reader: BerReader, tag: number): BerReader {
  const start = passElement(reader, tag);
  return new BerReader(reader.bytes, start, reader.offset);
}

const INTEGER = 0x02;

/** An INTEGER or ENUMERATED of one to four bytes. */
export function readInteger(reader: BerReader, tag: number = INTEGER): number {
  const start = passElement(reader, tag);
  const length = reader.offset - start;
  if (length < 1 || length > 4) throw new MalformedMessage("a number of no sane size");
  return reader.bytes.readIntBE(start, length);
}

export function readText(reader: BerReader): string {
  const start = passElement(reader, 0x04);
  return reader.bytes.toString("utf8", start, reader.offset);
}
