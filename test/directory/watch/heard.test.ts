import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { MalformedMessage } from "../../../src/directory/read-element.ts";
import { type Heard, readHeard } from "../../../src/directory/watch/heard.ts";
import { entry, message, reference, result } from "../../support/fake-server.ts";
import {
  hex,
  idSet,
  newCookie,
  refreshed,
  STATES,
  syncEntry,
  syncInfo,
  uuidBytes,
  uuidText,
  withControl,
} from "./fake-sync.ts";

const DN = "uid=alice,dc=test";
const change = { kind: "entry", dn: DN, id: uuidText(1) } as const;

const READ: readonly (readonly [what: string, bytes: Buffer, heard: Heard])[] = [
  ["an entry that was added", syncEntry(7, DN, 1), { type: "entry", state: "add", change }],
  ["an entry that was modified", syncEntry(7, DN, 2), { type: "entry", state: "modify", change }],
  ["an entry that is there", syncEntry(7, DN, 0), { type: "entry", state: "present", change }],
  [
    "an entry that was deleted, with a cookie",
    syncEntry(7, DN, 3, { cookie: "c1" }),
    { type: "entry", state: "delete", change, cookie: Buffer.from("c1") },
  ],
  [
    "an entry's classes, and its id as the login reads it",
    syncEntry(7, DN, 2, {
      attributes: { ObjectClass: ["top", "inetOrgPerson"], ENTRYUUID: ["another"], mail: ["a@b"] },
    }),
    {
      type: "entry",
      state: "modify",
      change: { ...change, id: "another", classes: ["top", "inetorgperson"] },
    },
  ],
  [
    "Active Directory's entry, with bytes for its id",
    entry(7, DN, { objectGUID: [hex("ff00ff")], objectClass: ["user"] }),
    { type: "entry", change: { kind: "entry", dn: DN, id: "/wD/", classes: ["user"] } },
  ],
  [
    "an entry with another control",
    withControl(entry(7, DN), "1.2.3", hex("00")),
    { type: "entry", change: { kind: "entry", dn: DN } },
  ],
  ["a new cookie", newCookie(7, "c2"), { type: "cookie", cookie: Buffer.from("c2") }],
  ["an empty cookie, which is none", newCookie(7, ""), { type: "other" }],
  ["the end of the refresh", refreshed(7, "delete"), { type: "refreshDelete", isDone: true }],
  [
    "the end of a phase",
    refreshed(7, "present", { cookie: "c", isDone: false }),
    { type: "refreshPresent", isDone: false, cookie: Buffer.from("c") },
  ],
  [
    "ids of what is gone",
    idSet(7, true, [uuidBytes(1), uuidBytes(255)]),
    { type: "ids", areGone: true, ids: [uuidText(1), uuidText(255)] },
  ],
  ["ids of what is there", idSet(7, false, []), { type: "ids", areGone: false, ids: [] }],
  ["a reference", reference({ id: 7 }, "ldap://elsewhere/"), { type: "other" }],
  ["another intermediate message", message(7, 0x79, () => {}), { type: "other" }],
  ["the end", result(7, 0x65, 4096, "again"), { type: "done", code: 4096, text: "again" }],
];

const MALFORMED: readonly (readonly [what: string, bytes: Buffer])[] = [
  ["an unknown state", syncEntry(7, DN, 4)],
  ["a negative state", syncEntry(7, DN, -1)],
  ["an id of 15 bytes", syncEntry(7, DN, 1, { uuid: Buffer.alloc(15) })],
  ["an id of no bytes", syncEntry(7, DN, 1, { uuid: Buffer.alloc(0) })],
  ["a control without a value", withControl(entry(7, DN), "1.3.6.1.4.1.4203.1.9.1.2", undefined)],
  ["a control of nothing", withControl(entry(7, DN), "1.3.6.1.4.1.4203.1.9.1.2", hex(""))],
  [
    "a control that goes on behind its end",
    withControl(
      entry(7, DN),
      "1.3.6.1.4.1.4203.1.9.1.2",
      hex(`3015 0a0101 0410${"00".repeat(16)} 00`),
    ),
  ],
  [
    "info without a value",
    message(7, 0x79, (w) => w.writeString("1.3.6.1.4.1.4203.1.9.1.4", 0x80)),
  ],
  ["info of nothing", syncInfo(7, () => {})],
  ["info of an unknown kind", syncInfo(7, (w) => w.writeString("c", 0x84))],
  ["an enormous cookie", newCookie(7, "x".repeat(20_000))],
  ["an id among others that is none", idSet(7, true, [uuidBytes(1), Buffer.alloc(17)])],
  ["an answer to a bind", result(7, 0x61, 0)],
  ["a request", message(7, 0x63, () => {})],
  ["an end without a result", message(7, 0x65, () => {})],
];

describe("a message of a search that goes on", () => {
  for (const [what, bytes, heard] of READ) {
    it(`is read: ${what}`, () => {
      assert.deepEqual(readHeard(bytes), heard);
    });

    it(`is not read when it is cut off: ${what}`, () => {
      for (let length = 0; length < bytes.length; length++) {
        assert.throws(() => readHeard(bytes.subarray(0, length)), MalformedMessage);
      }
      assert.throws(() => readHeard(Buffer.concat([bytes, hex("00")])), MalformedMessage);
    });
  }

  for (const [what, bytes] of MALFORMED) {
    it(`is refused: ${what}`, () => {
      assert.throws(() => readHeard(bytes), MalformedMessage);
    });
  }

  it("keeps no part of the bytes that it was read from", () => {
    const bytes = Buffer.concat([newCookie(7, "cookie")]);
    const heard = readHeard(bytes);
    bytes.fill(0);
    assert.deepEqual(heard, { type: "cookie", cookie: Buffer.from("cookie") });
  });

  it("names no more classes than an entry could have", () => {
    const objectClass = Array.from({ length: 5_000 }, (_, n) => `class${n}`);
    const heard = readHeard(syncEntry(7, DN, STATES.add, { attributes: { objectClass } }));
    assert(heard.type === "entry" && heard.change.kind === "entry");
    assert.equal(heard.change.classes?.length, 64);
  });

  it("is refused or read, whatever the bytes are, and nothing else happens", () => {
    const anyBytes = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
    const changed = fc
      .tuple(
        fc.constantFrom(...READ.map(([, bytes]) => bytes)),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
      )
      .map(([original, changes]) => {
        const bytes = Buffer.from(original);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(anyBytes, changed), (bytes) => {
        try {
          assert(readHeard(bytes).type);
        } catch (error) {
          assert(error instanceof MalformedMessage, String(error));
        }
      }),
      { numRuns: 5_000 },
    );
  });
});
