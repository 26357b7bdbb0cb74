import {
  type Element,
  element,
  integer,
  MalformedMessageError,
  measureElement,
  readElements,
  readInteger,
  readText,
} from "./ber-element.ts";

/** A control of a request or an answer (RFC 4511 section 4.1.11). */
export interface Control {
  readonly oid: string;
  readonly critical: boolean;
  readonly value?: Buffer;
}

/** One LDAPMessage (RFC 4511 section 4.1.1) whose operation is still undecoded. */
export interface Message {
  readonly id: number;
  readonly operation: Element;
  readonly controls: readonly Control[];
}

/** No honest client of a directory for tests sends more; slapd's own limit for anonymous clients is 256 KiB. */
const LARGEST_MESSAGE = 16 * 1024 * 1024;

/**
 * Cuts one whole message off the bytes received so far; undefined while it is incomplete. Throws
 * `MalformedMessageError` as soon as the first bytes can't become a message, however many follow.
 */
export function cutMessage(
  received: Buffer,
): { readonly message: Buffer; readonly rest: Buffer } | undefined {
  if (received.length === 0) return undefined;
  if (received[0] !== 0x30) throw new MalformedMessageError("no LDAP message");
  const extent = measureElement(received, 0);
  if (extent === undefined) return undefined;
  if (extent.end > LARGEST_MESSAGE) throw new MalformedMessageError("a message that is too large");
  if (received.length < extent.end) return undefined;
  return {
    message: received.subarray(extent.begin, extent.end),
    rest: received.subarray(extent.end),
  };
}

/** Reads what `cutMessage` cut off. Throws `MalformedMessageError`. */
export function decodeMessage(message: Buffer): Message {
  const [id, operation, controls] = readElements(message);
  if (id?.tag !== 0x02 || operation === undefined) throw new MalformedMessageError("no operation");
  const number = readInteger(id.content);
  if (number < 0) throw new MalformedMessageError("a negative message id");
  return {
    id: number,
    operation,
    controls: controls?.tag === 0xa0 ? readElements(controls.content).map(decodeControl) : [],
  };
}

function decodeControl({ content }: Element): Control {
  const [oid, ...rest] = readElements(content);
  if (oid?.tag !== 0x04) throw new MalformedMessageError("a control without an OID");
  const critical = rest.find(({ tag }) => tag === 0x01);
  const value = rest.find(({ tag }) => tag === 0x04);
  return {
    oid: readText(oid.content),
    critical: critical !== undefined && readInteger(critical.content) !== 0,
    ...(value && { value: value.content }),
  };
}

/** Writes a message around an encoded operation. */
export function encodeMessage(
  id: number,
  operation: Buffer,
  controls: readonly Control[] = [],
): Buffer {
  if (controls.length === 0) return element(0x30, integer(id), operation);
  const encoded = controls.map(({ oid, value }) =>
    element(0x30, element(0x04, oid), ...(value ? [element(0x04, value)] : [])),
  );
  return element(0x30, integer(id), operation, element(0xa0, ...encoded));
}
