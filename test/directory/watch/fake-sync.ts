import { BerReader, BerWriter } from "ldapts";
import type { Change, WatchMode } from "../../../src/directory/change.ts";
import type { DirectorySettings } from "../../../src/directory/directory-settings.ts";
import { openServers, type Servers } from "../../../src/directory/open-servers.ts";
import { openWatch } from "../../../src/directory/watch/open-watch.ts";
import { WATCH_TIMES, type WatchTimes } from "../../../src/directory/watch/watch-times.ts";
import type { LogRecord } from "../../../src/log.ts";
import {
  entry,
  type FakeConnection,
  message,
  type Received,
  resultFor,
  type Script,
} from "../../support/fake-server.ts";

export const SYNC = "1.3.6.1.4.1.4203.1.9.1.1";
export const NOTIFICATION = "1.2.840.113556.1.4.528";
export const PEOPLE = "ou=people,dc=test";
export const CSN = "20261122101010.000001Z#000000#000#000000";

/** Bytes in hexadecimal, with spaces where they help. */
export const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

function ber(write: (writer: BerWriter) => void): Buffer {
  const writer = new BerWriter();
  write(writer);
  return Buffer.from(writer.buffer);
}

/** A message with one control (or, with the same one, many) behind its operation. */
export function withControl(bytes: Buffer, type: string, value: Buffer | undefined): Buffer {
  const reader = new BerReader(bytes);
  reader.readSequence();
  const contents = bytes.subarray(reader.offset);
  const controls = ber((writer) => {
    writer.startSequence(0xa0);
    writer.startSequence();
    writer.writeString(type);
    if (value) writer.writeBuffer(value, 0x04);
    writer.endSequence();
    writer.endSequence();
  });
  const whole = Buffer.concat([contents, controls]);
  const header = Buffer.from([0x30, 0x84, 0, 0, 0, 0]);
  header.writeUInt32BE(whole.length, 2);
  return Buffer.concat([header, whole]);
}

export const STATES = { present: 0, add: 1, modify: 2, delete: 3 } as const;

export const uuidBytes = (last: number): Buffer =>
  Buffer.concat([Buffer.alloc(15), Buffer.of(last)]);
export const uuidText = (last: number): string =>
  `00000000-0000-0000-0000-0000000000${last.toString(16).padStart(2, "0")}`;

/** An entry as content synchronization has it (RFC 4533 section 2.3). */
export function syncEntry(
  id: number,
  dn: string,
  state: number,
  {
    uuid = uuidBytes(1),
    cookie,
    attributes = {},
  }: {
    readonly uuid?: Buffer;
    readonly cookie?: string;
    readonly attributes?: Readonly<Record<string, readonly (string | Buffer)[]>>;
  } = {},
): Buffer {
  const value = ber((writer) => {
    writer.startSequence();
    writer.writeEnumeration(state);
    writer.writeBuffer(uuid, 0x04);
    if (cookie !== undefined) writer.writeString(cookie);
    writer.endSequence();
  });
  return withControl(entry(id, dn, attributes), "1.3.6.1.4.1.4203.1.9.1.2", value);
}

/** An intermediate message with this value (RFC 4533 section 2.5). */
export function syncInfo(id: number, write: (writer: BerWriter) => void): Buffer {
  return message(id, 0x79, (writer) => {
    writer.writeString("1.3.6.1.4.1.4203.1.9.1.4", 0x80);
    writer.writeBuffer(ber(write), 0x81);
  });
}

export const newCookie = (id: number, cookie: string): Buffer =>
  syncInfo(id, (writer) => writer.writeString(cookie, 0x80));

/** The end of a phase; of the whole refresh, unless `isDone` is false. */
export function refreshed(
  id: number,
  phase: "delete" | "present",
  { cookie, isDone }: { readonly cookie?: string; readonly isDone?: boolean } = {},
): Buffer {
  return syncInfo(id, (writer) => {
    writer.startSequence(phase === "delete" ? 0xa1 : 0xa2);
    if (cookie !== undefined) writer.writeString(cookie);
    if (isDone !== undefined) writer.writeBoolean(isDone);
    writer.endSequence();
  });
}

export function idSet(id: number, areGone: boolean, ids: readonly Buffer[]): Buffer {
  return syncInfo(id, (writer) => {
    writer.startSequence(0xa3);
    if (areGone) writer.writeBoolean(true);
    writer.startSequence(0x31);
    for (const one of ids) writer.writeBuffer(one, 0x04);
    writer.endSequence();
    writer.endSequence();
  });
}

/** What a fake server holds that a watch asks for. */
export interface FakeOffer {
  readonly controls?: readonly string[];
  readonly root?: Readonly<Record<string, readonly string[]>>;
  readonly context?: Readonly<Record<string, readonly string[]>>;
  /** What it does with a search that goes on. Default: nothing, for ever. */
  readonly follow?: (search: FollowingSearch, connection: FakeConnection) => void;
  /** What it does with other searches. Default: answers them. */
  readonly other?: Script;
}

export interface FollowingSearch {
  readonly id: number;
  readonly base: string;
  readonly scope: number;
  readonly control: string;
  readonly isCritical: boolean;
  readonly cookie: string | undefined;
  readonly attributes: readonly string[];
}

/** The script of a server whose tree is `dc=test`. */
export function offering({ controls, root, context, follow, other }: FakeOffer): Script {
  return (received, connection) => {
    if (received.tag === 0x42) {
      connection.socket.end();
      return;
    }
    if (received.tag !== 0x63) {
      connection.send(resultFor(received));
      return;
    }
    const search = readSearch(received);
    if (search.control !== "") {
      follow?.(search, connection);
      return;
    }
    if (other) {
      other(received, connection);
      return;
    }
    const attributes =
      search.base === ""
        ? { namingContexts: ["dc=test"], supportedControl: controls ?? [], ...root }
        : { ...context };
    connection.send(entry(received.id, search.base, attributes), resultFor(received));
  };
}

export function readSearch({ id, bytes }: Received): FollowingSearch {
  const reader = new BerReader(bytes);
  reader.readSequence();
  reader.readInt();
  reader.readSequence(0x63);
  const base = reader.readString() ?? "";
  const scope = reader.readEnumeration() ?? -1;
  reader.readEnumeration();
  reader.readInt();
  reader.readInt();
  reader.readBoolean();
  reader.readString(reader.peek() ?? 0, true);
  const attributes: string[] = [];
  reader.readSequence();
  const end = reader.offset + reader.length;
  while (reader.offset < end) attributes.push(reader.readString() ?? "");
  const none = { id, base, scope, attributes, control: "", isCritical: false, cookie: undefined };
  if (reader.peek() !== 0xa0) return none;
  reader.readSequence(0xa0);
  reader.readSequence();
  const control = reader.readString() ?? "";
  const isCritical = reader.peek() === 0x01 && reader.readBoolean() === true;
  if (reader.peek() !== 0x04) return { ...none, control, isCritical };
  const value = new BerReader(reader.readString(0x04, true) ?? Buffer.alloc(0));
  value.readSequence();
  value.readEnumeration();
  const cookie = value.remain > 0 ? (value.readString() ?? undefined) : undefined;
  return { ...none, control, isCritical, cookie };
}

/** A watch on such servers, with short times. `close()` it. */
export interface TestWatch {
  readonly changes: Change[];
  /** All modes so far, `away` for none. */
  readonly modes: (WatchMode | "away")[];
  readonly log: readonly LogRecord[];
  readonly mode: WatchMode | undefined;
  readonly servers: Servers;
  close(): Promise<void>;
}

export const SHORT: WatchTimes = {
  ...WATCH_TIMES,
  question: 500,
  poll: 20,
  tick: 10,
  firstPause: 10,
  longestPause: 100,
};

export function watching(
  ports: readonly number[],
  times: Partial<WatchTimes> = {},
  settings: Partial<DirectorySettings> = {},
  base: string = PEOPLE,
): TestWatch {
  const log: LogRecord[] = [];
  const changes: Change[] = [];
  const modes: (WatchMode | "away")[] = [];
  const write = (record: LogRecord) => log.push(record);
  const servers = openServers({
    servers: ports.map((port) => ({ kind: "tcp", host: "127.0.0.1", port })),
    security: "none",
    tls: { minVersion: "TLSv1.2" },
    serviceAccount: { kind: "anonymous" },
    connections: { search: 2, bind: 32, queue: 1_000 },
    dialTimeout: 1_000,
    operationTimeout: 1_000,
    idleTimeout: 300_000,
    log: write,
    ...settings,
  });
  const onMode = (mode: WatchMode | undefined) => modes.push(mode ?? "away");
  const watch = openWatch(
    servers,
    { base, scope: "one", onMode },
    (change) => changes.push(change),
    write,
    { ...SHORT, ...times },
  );
  return {
    changes,
    modes,
    log,
    servers,
    get mode() {
      return watch.mode;
    },
    async close() {
      await watch.close();
      await servers.close();
    },
  };
}
