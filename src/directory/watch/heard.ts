import { entryId, ID_ATTRIBUTES } from "../../ldap/entry-id.ts";
import type { Change } from "../change.ts";
import {
  BerReader,
  enterElement,
  MalformedMessage,
  readElement,
  readInteger,
  readText,
} from "../read-element.ts";
import { readEntry } from "../read-entry.ts";
import { openMessage, type ReceivedEntry, readReceivedEntry, readResult } from "../responses.ts";

/** What became of an entry (RFC 4533 section 2.3). */
export type SyncState = "present" | "add" | "modify" | "delete";

/** One message of a search that goes on: of content synchronization (RFC 4533), or of a change notification. */
export type Heard =
  /** An entry. Without a state it came without the control of RFC 4533. */
  | {
      readonly type: "entry";
      readonly state?: SyncState;
      readonly change: Change;
      readonly cookie?: Buffer;
    }
  /** Entries that are gone, or are still there, by their ids (`syncIdSet`). */
  | {
      readonly type: "ids";
      readonly areGone: boolean;
      readonly ids: readonly string[];
      readonly cookie?: Buffer;
    }
  /**
   * A phase of the refresh has ended. After `refreshPresent` everything that was not said to be there is gone. `isDone`: from now on changes come as
   * they are made.
   */
  | {
      readonly type: "refreshDelete" | "refreshPresent";
      readonly isDone: boolean;
      readonly cookie?: Buffer;
    }
  | { readonly type: "cookie"; readonly cookie: Buffer }
  /** Where other servers are referred to, and what nobody knows. */
  | { readonly type: "other" }
  /** The end (`SearchResultDone`), which comes only if something is wrong. */
  | { readonly type: "done"; readonly code: number; readonly text: string };

const ENTRY = 0x64;
const DONE = 0x65;
const REFERENCE = 0x73;
const INTERMEDIATE = 0x79;

const SEQUENCE = 0x30;
const SET = 0x31;
const OCTET_STRING = 0x04;
const ENUMERATED = 0x0a;
const BOOLEAN = 0x01;
const CONTROLS = 0xa0;

const SYNC_STATE = "1.3.6.1.4.1.4203.1.9.1.2";
const SYNC_INFO = "1.3.6.1.4.1.4203.1.9.1.4";

/** The longest cookie that is kept; 389 Directory Server's holds names and a filter. */
const LONGEST_COOKIE = 16_384;
const MOST_CLASSES = 64;

/** Reads one whole LDAPMessage strictly. Throws `MalformedMessage`. */
export function readHeard(bytes: Buffer): Heard {
  const { tag, body, rest } = openMessage(bytes);
  switch (tag) {
    case ENTRY:
      return readHeardEntry(readReceivedEntry(body), rest);
    case INTERMEDIATE:
      return readIntermediate(body);
    case REFERENCE:
      return { type: "other" };
    case DONE: {
      const { code, text } = readResult(body);
      return { type: "done", code, text };
    }
    default:
      throw new MalformedMessage(`an answer 0x${tag.toString(16)} to a search`);
  }
}

const WANTED: ReadonlySet<string> = new Set(
  ["objectClass", ...ID_ATTRIBUTES].map((name) => name.toLowerCase()),
);

function readHeardEntry(received: ReceivedEntry, rest: BerReader): Heard {
  const attributes = received.attributes.filter(([name]) => WANTED.has(name.toLowerCase()));
  const entry = readEntry({ dn: received.dn, attributes });
  const sync = readSyncState(rest);
  // An id that the login reads otherwise than the control has it (389 has two) is the one to go by.
  const id = entryId(entry) ?? sync?.id;
  const classes = entry.attributes
    .get("objectclass")
    ?.slice(0, MOST_CLASSES)
    .map((name) => String(name).toLowerCase());
  const change: Change = {
    kind: "entry",
    dn: entry.dn,
    ...(id !== undefined && { id }),
    ...(classes && { classes }),
  };
  return {
    type: "entry",
    change,
    ...(sync && { state: sync.state, ...(sync.cookie && { cookie: sync.cookie }) }),
  };
}

interface ReadSyncState {
  readonly state: SyncState;
  readonly id: string;
  readonly cookie: Buffer | undefined;
}

const STATES: readonly SyncState[] = ["present", "add", "modify", "delete"];

/** RFC 4533 section 2.3. */
function readSyncState(rest: BerReader): ReadSyncState | undefined {
  const value = readControl(rest, SYNC_STATE);
  if (value === undefined) return undefined;
  const sequence = enterWhole(value, SEQUENCE);
  const state = STATES[readInteger(sequence, ENUMERATED)];
  if (state === undefined) throw new MalformedMessage("an unknown state of an entry");
  const id = readUuid(sequence);
  const cookie = readCookie(sequence, OCTET_STRING);
  demandEnd(sequence);
  return { state, id, cookie };
}

/** The value of the control of this type among those of a message; undefined if there is none. */
function readControl(rest: BerReader, type: string): Buffer | undefined {
  if (rest.remain === 0) return undefined;
  const controls = enterElement(rest, CONTROLS);
  while (controls.remain > 0) {
    const control = enterElement(controls, SEQUENCE);
    if (readText(control) !== type) continue;
    if (control.peek() === BOOLEAN) readElement(control, BOOLEAN);
    return readElement(control, OCTET_STRING);
  }
  return undefined;
}

const RESPONSE_NAME = 0x80;
const RESPONSE_VALUE = 0x81;

/** RFC 4511 section 4.13. */
function readIntermediate(body: BerReader): Heard {
  const name = body.peek() === RESPONSE_NAME ? readElement(body, RESPONSE_NAME) : undefined;
  if (name?.toString("latin1") !== SYNC_INFO) return { type: "other" };
  return readSyncInfo(readElement(body, RESPONSE_VALUE));
}

const NEW_COOKIE = 0x80;
const REFRESH_DELETE = 0xa1;
const REFRESH_PRESENT = 0xa2;
const SYNC_ID_SET = 0xa3;

/** RFC 4533 section 2.5. */
function readSyncInfo(value: Buffer): Heard {
  const reader = new BerReader(value);
  const choice = reader.peek();
  if (choice === NEW_COOKIE) {
    const cookie = readCookie(reader, NEW_COOKIE);
    demandEnd(reader);
    return cookie ? { type: "cookie", cookie } : { type: "other" };
  }
  if (choice === REFRESH_DELETE || choice === REFRESH_PRESENT) {
    const phase = enterWhole(value, choice);
    const cookie = readCookie(phase, OCTET_STRING);
    const isDone = readBoolean(phase, true);
    demandEnd(phase);
    const type = choice === REFRESH_DELETE ? "refreshDelete" : "refreshPresent";
    return { type, isDone, ...(cookie && { cookie }) };
  }
  if (choice !== SYNC_ID_SET) throw new MalformedMessage("unknown synchronization info");
  const sequence = enterWhole(value, SYNC_ID_SET);
  const cookie = readCookie(sequence, OCTET_STRING);
  const areGone = readBoolean(sequence, false);
  const set = enterElement(sequence, SET);
  demandEnd(sequence);
  const ids: string[] = [];
  while (set.remain > 0) ids.push(readUuid(set));
  return { type: "ids", areGone, ids, ...(cookie && { cookie }) };
}

/** An element that is all there is. */
function enterWhole(bytes: Buffer, tag: number): BerReader {
  const reader = new BerReader(bytes);
  const inner = enterElement(reader, tag);
  demandEnd(reader);
  return inner;
}

function demandEnd(reader: BerReader): void {
  if (reader.remain > 0) throw new MalformedMessage("bytes after the last element");
}

/** Undefined where there is none. An empty one is none: a server would take it for the beginning of time. */
function readCookie(reader: BerReader, tag: number): Buffer | undefined {
  if (reader.remain === 0 || reader.peek() !== tag) return undefined;
  const cookie = readElement(reader, tag);
  if (cookie.length > LONGEST_COOKIE) throw new MalformedMessage("an enormous cookie");
  // A part of a message would keep the whole message in memory.
  return cookie.length > 0 ? Buffer.from(cookie) : undefined;
}

function readBoolean(reader: BerReader, otherwise: boolean): boolean {
  if (reader.remain === 0 || reader.peek() !== BOOLEAN) return otherwise;
  const [byte, ...more] = readElement(reader, BOOLEAN);
  if (byte === undefined || more.length > 0)
    throw new MalformedMessage("a boolean of no sane size");
  return byte !== 0;
}

/** As RFC 4530 writes an entryUUID. */
function readUuid(reader: BerReader): string {
  const bytes = readElement(reader, OCTET_STRING);
  if (bytes.length !== 16) throw new MalformedMessage("an entry's id is not a UUID");
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
