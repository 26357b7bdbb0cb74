import { BerReader } from "ldapts";

/** What a server sent is not LDAP as RFC 4511 writes it. */
export class MalformedMessage extends Error {
  override readonly name = "MalformedMessage";
}

/**
 * The contents of the next element, which must have this tag and lie wholly in the reader. ldapts' other read
 * functions take a missing, cut-off or overlong element for an empty one, and a missing result code for success.
 */
export function readElement(reader: BerReader, tag: number): Buffer {
  const start = reader.offset;
  let contents: Buffer | null;
  try {
    contents = reader.readString(tag, true);
  } catch (cause) {
    throw new MalformedMessage("an element is not what it should be", { cause });
  }
  // A length of four bytes with its highest bit set reads as a negative number.
  if (contents === null || reader.length < 0 || reader.offset < start + 2) {
    throw new MalformedMessage("an element is cut off");
  }
  return contents;
}

/** A constructed element: a reader that ends where the element ends. */
export function enterElement(reader: BerReader, tag: number): BerReader {
  return new BerReader(readElement(reader, tag));
}

const INTEGER = 0x02;

/** An INTEGER or ENUMERATED of one to four bytes. */
export function readInteger(reader: BerReader, tag: number = INTEGER): number {
  const bytes = readElement(reader, tag);
  if (bytes.length < 1 || bytes.length > 4) throw new MalformedMessage("a number of no sane size");
  return bytes.readIntBE(0, bytes.length);
}

export function readText(reader: BerReader): string {
  return readElement(reader, 0x04).toString("utf8");
}
