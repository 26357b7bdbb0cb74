import { MalformedMessage } from "./read-element.ts";

/** The most bytes that one message, or one operation's whole answer, may have. */
export const MOST_BYTES: number = 32 * 1024 * 1024;

/** The most entries that one operation's whole answer, all pages together, may have. */
export const MOST_ENTRIES = 100_000;

const SEQUENCE = 0x30;

/** Cuts a stream of bytes into LDAPMessages (BER, definite lengths: RFC 4511 section 5.1). */
export interface MessageStream {
  /** The messages that these bytes complete. Throws `MalformedMessage`; nothing may be pushed after that. */
  push(chunk: Buffer): Generator<Buffer>;
  /** Bytes of a message that is not complete. */
  readonly pending: number;
}

export function openMessageStream(mostBytes: number = MOST_BYTES): MessageStream {
  // Chunks are joined only when a whole message is there: joining at each arrival costs the square of its size.
  let chunks: Buffer[] = [];
  let pending = 0;
  let wanted = 2;

  function* push(chunk: Buffer): Generator<Buffer> {
    chunks.push(chunk);
    pending += chunk.length;
    while (pending >= wanted) {
      const bytes = join();
      const length = messageLength(bytes, mostBytes);
      if (length === undefined || bytes.length < length) {
        wanted = length ?? bytes.length + 1;
        return;
      }
      const rest = bytes.subarray(length);
      chunks = rest.length > 0 ? [rest] : [];
      pending = rest.length;
      wanted = 2;
      yield bytes.subarray(0, length);
    }
  }

  function join(): Buffer {
    const joined = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, pending);
    chunks = [joined];
    return joined;
  }

  return {
    push,
    get pending() {
      return pending;
    },
  };
}

/** Of the whole message, header included; undefined while the header is not complete. */
function messageLength(bytes: Buffer, mostBytes: number): number | undefined {
  if (bytes[0] !== SEQUENCE) throw new MalformedMessage("what the server sent is not LDAP");
  const first = bytes[1];
  if (first === undefined) return undefined;
  if (first < 0x80) return 2 + first;
  const size = first & 0x7f;
  if (size === 0 || size > 4) throw new MalformedMessage("a message of no definite length");
  if (bytes.length < 2 + size) return undefined;
  const length = 2 + size + bytes.readUIntBE(2, size);
  if (length > mostBytes) throw new MalformedMessage(`a message of ${length} bytes`);
  return length;
}
