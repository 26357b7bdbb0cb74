import { isUtf8 } from "node:buffer";
import { type ReceivedControl, readControls } from "./read-controls.ts";
import {
  BerReader,
  enterElement,
  MalformedMessage,
  readElement,
  readInteger,
  readText,
} from "./read-element.ts";
import { readTold, type ToldOfAccount } from "./told-of-account.ts";

/** An entry as it came: attribute names as the server spells them, values as bytes. */
export interface ReceivedEntry {
  readonly dn: string;
  readonly attributes: readonly (readonly [name: string, values: readonly Buffer[]])[];
}

/** How an operation ended (LDAPResult, RFC 4511 section 4.1.9). */
export interface Result {
  readonly code: number;
  /** What the server says about it, for logs. */
  readonly text: string;
  /** What of it may be shown to whoever asked; see `quote` of a request. */
  readonly said?: string;
  /** Where else to ask (RFC 4511 section 4.1.10); absent where the server names nobody. */
  readonly referral?: readonly string[];
  /** Where the next page of a paged search begins (RFC 2696); absent after the last one. */
  readonly cookie?: Buffer;
  /** What it says of an account; only of a bind, and of a new password. */
  readonly told?: ToldOfAccount;
}

/** One message of a server. */
export type Response =
  | { readonly type: "entry"; readonly id: number; readonly entry: ReceivedEntry }
  | { readonly type: "reference"; readonly id: number; readonly urls: readonly string[] }
  | { readonly type: "ignored"; readonly id: number }
  | {
      readonly type: "result";
      readonly id: number;
      readonly operation: "bind" | "search" | "compare" | "extended" | "modify";
      readonly result: Result;
    };

const ENTRY = 0x64;
const REFERENCE = 0x73;
const INTERMEDIATE = 0x79;
const RESULTS = new Map([
  [0x61, "bind"],
  [0x65, "search"],
  [0x67, "modify"],
  [0x6f, "compare"],
  [0x78, "extended"],
] as const);
const SEQUENCE = 0x30;
const SET = 0x31;
const OCTET_STRING = 0x04;
const ENUMERATED = 0x0a;
const REFERRAL = 0xa3;

/** One LDAPMessage, opened (RFC 4511 section 4.1.1). */
export interface OpenedMessage {
  readonly id: number;
  /** Of its operation. */
  readonly tag: number;
  /** What the operation holds. */
  readonly body: BerReader;
  /** What follows the operation: its controls, or nothing. */
  readonly rest: BerReader;
}

/** Opens one whole LDAPMessage strictly. Throws `MalformedMessage`. */
export function openMessage(bytes: Buffer): OpenedMessage {
  const outer = new BerReader(bytes);
  const rest = enterElement(outer, SEQUENCE);
  if (outer.remain > 0) throw new MalformedMessage("bytes after the message");
  const id = readInteger(rest);
  if (id < 0) throw new MalformedMessage("a negative message id");
  const tag = rest.peek();
  if (tag === null) throw new MalformedMessage("a message without an operation");
  return { id, tag, body: enterElement(rest, tag), rest };
}

/** Reads one whole LDAPMessage strictly. Throws `MalformedMessage`. */
export function readResponse(bytes: Buffer): Response {
  const { id, tag, body, rest } = openMessage(bytes);

  if (tag === ENTRY) return { type: "entry", id, entry: readReceivedEntry(body) };
  if (tag === REFERENCE) return { type: "reference", id, urls: readUrls(body) };
  if (tag === INTERMEDIATE) return { type: "ignored", id };
  const operation = RESULTS.get(tag as 0x61 | 0x65 | 0x67 | 0x6f | 0x78);
  if (!operation) throw new MalformedMessage(`an unknown operation 0x${tag.toString(16)}`);
  const result = readResult(body);
  const controls = readControls(rest);
  const isSearch = operation === "search";
  const cookie = isSearch ? readCookie(controls) : undefined;
  const told =
    isSearch || operation === "compare" ? undefined : readTold(operation, result.text, controls);
  const more = { ...(cookie && { cookie }), ...(told && { told }) };
  return { type: "result", id, operation, result: { ...result, ...more } };
}

/** An LDAPResult (RFC 4511 section 4.1.9). Throws `MalformedMessage`. */
export function readResult(body: BerReader): Result {
  const code = readInteger(body, ENUMERATED);
  readElement(body, OCTET_STRING);
  const text = readText(body);
  const referral = body.peek() === REFERRAL ? readUrls(enterElement(body, REFERRAL)) : undefined;
  return { code, text, ...(referral && { referral }) };
}

/** What nobody needs is not kept: URLs of one referral are alternatives. */
const MOST_URLS = 32;

/** Which of them are LDAP URLs is not decided here. */
function readUrls(list: BerReader): readonly string[] {
  const urls: string[] = [];
  while (list.remain > 0) {
    const url = readText(list);
    if (urls.length < MOST_URLS) urls.push(url);
  }
  return urls;
}

/** A SearchResultEntry (RFC 4511 section 4.5.2). Throws `MalformedMessage`. */
export function readReceivedEntry(body: BerReader): ReceivedEntry {
  const dn = readElement(body, OCTET_STRING);
  if (!isUtf8(dn)) throw new MalformedMessage("a DN that is not UTF-8");
  const list = enterElement(body, SEQUENCE);
  const attributes: [string, Buffer[]][] = [];
  while (list.remain > 0) {
    const attribute = enterElement(list, SEQUENCE);
    const name = readText(attribute);
    const set = enterElement(attribute, SET);
    const values: Buffer[] = [];
    while (set.remain > 0) values.push(readElement(set, OCTET_STRING));
    attributes.push([name, values]);
  }
  return { dn: dn.toString("utf8"), attributes };
}

const PAGED_RESULTS = "1.2.840.113556.1.4.319";

function readCookie(controls: readonly ReceivedControl[]): Buffer | undefined {
  const paged = controls.find(({ type }) => type === PAGED_RESULTS);
  if (paged === undefined) return undefined;
  const value = enterElement(new BerReader(paged.value ?? Buffer.alloc(0)), SEQUENCE);
  readInteger(value);
  const cookie = readElement(value, OCTET_STRING);
  return cookie.length > 0 ? cookie : undefined;
}
