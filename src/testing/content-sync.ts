import { randomUUID } from "node:crypto";
import { normalizeDn } from "../ldap/dn.ts";
import {
  element,
  integer,
  MalformedMessageError,
  readElements,
  readInteger,
} from "./ber-element.ts";
import type { DirectoryState, Session } from "./directory-state.ts";
import { isWithin, parentKey, type StoredEntry, type TreeChange } from "./entry-tree.ts";
import { type Control, encodeMessage } from "./message.ts";
import { createEntryEncoder, findEntries } from "./operations/search.ts";
import type { SearchRequest } from "./request.ts";
import { RESULT, type Result } from "./result.ts";
import { SYNC_REQUEST } from "./root-dse.ts";

/** RFC 4533 section 2.6: the cookie is too old, or another directory's. */
const REFRESH_REQUIRED = 4096;
const REFRESH_AND_PERSIST = 3;
const SYNC_STATE = "1.3.6.1.4.1.4203.1.9.1.2";
const SYNC_INFO = "1.3.6.1.4.1.4203.1.9.1.4";
const STATES = { add: 1, modify: 2, delete: 3 } as const;
/** Changes that are remembered for who comes back with a cookie. */
const MOST_CHANGES = 1_000;

/** What a directory that offers content synchronization remembers. */
export interface ChangeLog {
  /** A name of its own, so that no other directory's cookie fits. */
  readonly id: string;
  readonly changes: readonly TreeChange[];
}

/** Begins to remember what changes. */
export function openChangeLog(tree: DirectoryState["tree"]): ChangeLog {
  const changes: TreeChange[] = [];
  tree.onChange((change) => {
    changes.push(change);
    if (changes.length > MOST_CHANGES) changes.shift();
  });
  return { id: randomUUID(), changes };
}

/**
 * A search that goes on (RFC 4533, refreshAndPersist): `send` gets each encoded message, now and later. Returns what ends it, or the result where it
 * can't begin. Throws `MalformedMessageError`.
 */
export function synchronize(
  state: DirectoryState,
  session: Session,
  id: number,
  request: SearchRequest,
  control: Control,
  send: (message: Buffer) => void,
): Result | (() => void) {
  const { changeLog, tree } = state;
  const asked = readSyncRequest(control);
  if (!changeLog || asked.mode !== REFRESH_AND_PERSIST) {
    return { code: RESULT.unwillingToPerform, message: "only refreshAndPersist" };
  }
  const found = findEntries(state, session, request, true);
  if ("code" in found) return found;
  const cookie = (version: number) => `${changeLog.id} ${version}`;
  const encode = createEntryEncoder(state, session, request);

  function sendEntry(entry: StoredEntry, what: keyof typeof STATES, version?: number): void {
    const uuid = uuidOf(state, entry);
    const value = element(
      0x30,
      integer(STATES[what], 0x0a),
      element(0x04, uuid),
      ...(version === undefined ? [] : [element(0x04, cookie(version))]),
    );
    // Of an entry that is gone only its name is told.
    const operation =
      what === "delete" ? element(0x64, element(0x04, entry.dn), element(0x30)) : encode(entry);
    send(encodeMessage(id, operation, [{ oid: SYNC_STATE, critical: false, value }]));
  }

  function sendChange({ entry, isGone, version }: TreeChange): void {
    const { who } = session;
    const { key } = entry;
    if (!isInScope(key, request) || state.access({ who, operation: "search", dn: key }) !== true) {
      return;
    }
    const now = findEntries(state, session, request, true);
    const isThere = !isGone && !("code" in now) && now.entries.some((each) => each.key === key);
    sendEntry(entry, isThere ? "modify" : "delete", version);
  }

  if (asked.cookie === "") {
    for (const entry of found.entries) sendEntry(entry, "add");
  } else {
    const [logId, since = ""] = asked.cookie.split(" ");
    const missed = changeLog.changes.filter(({ version }) => version > Number(since));
    // Each change has the next number: where one is missing, the log does not reach back that far.
    if (logId !== changeLog.id || Number(since) + missed.length !== tree.version) {
      return { code: REFRESH_REQUIRED, message: "the cookie is too old" };
    }
    for (const change of missed) sendChange(change);
  }
  const phase = asked.cookie === "" ? 0xa2 : 0xa1;
  const info = element(phase, element(0x04, cookie(tree.version)));
  send(encodeMessage(id, element(0x79, element(0x80, SYNC_INFO), element(0x81, info))));
  return tree.onChange(sendChange);
}

/** The control that asks for it, if a search has it. */
export function syncControlOf(controls: readonly Control[]): Control | undefined {
  return controls.find(({ oid }) => oid === SYNC_REQUEST);
}

function readSyncRequest({ value }: Control): { readonly mode: number; readonly cookie: string } {
  const [sequence] = value === undefined ? [] : readElements(value);
  const [mode, cookie] = sequence === undefined ? [] : readElements(sequence.content);
  if (mode === undefined) throw new MalformedMessageError("a sync request without a mode");
  const text = cookie?.tag === 0x04 ? cookie.content.toString() : "";
  return { mode: readInteger(mode.content), cookie: text };
}

function isInScope(key: string, { dn, scope }: SearchRequest): boolean {
  const base = normalizeDn(dn) ?? dn;
  if (scope === "base") return key === base;
  return scope === "one" ? parentKey(key) === base : isWithin(key, base);
}

function uuidOf({ schema }: DirectoryState, { attributes }: StoredEntry): Buffer {
  const description = schema.describe("entryUUID");
  const [uuid] = (description && attributes.get(description.key)?.values) ?? [];
  const bytes = Buffer.from(String(uuid ?? "").replaceAll("-", ""), "hex");
  // One that a test's LDIF has made up need not be one.
  return bytes.length === 16 ? bytes : Buffer.alloc(16);
}
