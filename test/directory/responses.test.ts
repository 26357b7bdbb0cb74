import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { openMessageStream } from "../../src/directory/message-stream.ts";
import { MalformedMessage } from "../../src/directory/read-element.ts";
import { readResponse } from "../../src/directory/responses.ts";
import { entry, reference, referral, result } from "../support/fake-server.ts";

const MESSAGES = [
  entry(1, "uid=a,dc=test", { uid: ["a", "b"], jpegPhoto: [Buffer.alloc(300, 0xff)] }),
  result(2, 0x65, 0, "done"),
  result(3, 0x61, 49, "x".repeat(200)),
  result(70_000, 0x6f, 6),
  reference({ id: 5 }, "ldap://one.test/dc=a", "ldap://two.test"),
  referral({ id: 6, tag: 0x60 }, "ldap://one.test"),
];

/** What a reader makes of bytes: messages until something is wrong. */
function read(bytes: Buffer): unknown {
  try {
    return readResponse(bytes);
  } catch (error) {
    assert(error instanceof MalformedMessage, String(error));
    return undefined;
  }
}

describe("readResponse", () => {
  it("reads what a server sends", () => {
    assert.deepEqual(readResponse(MESSAGES[1] ?? Buffer.alloc(0)), {
      type: "result",
      id: 2,
      operation: "search",
      result: { code: 0, text: "done" },
    });
  });

  it("reads where else to ask", () => {
    assert.deepEqual(readResponse(MESSAGES[4] ?? Buffer.alloc(0)), {
      type: "reference",
      id: 5,
      urls: ["ldap://one.test/dc=a", "ldap://two.test"],
    });
    assert.deepEqual(readResponse(MESSAGES[5] ?? Buffer.alloc(0)), {
      type: "result",
      id: 6,
      operation: "bind",
      result: { code: 10, text: "", referral: ["ldap://one.test"] },
    });
  });

  it("ends in a response or in MalformedMessage, whatever the bytes are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void read(Buffer.from(bytes))),
    );
  });

  it("ends in a response or in MalformedMessage, whichever bytes of a message are others", () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(fc.constantFrom(...MESSAGES), changes, (message, changed) => {
        const bytes = Buffer.from(message);
        for (const [at, value] of changed) bytes[at % bytes.length] = value;
        read(bytes);
      }),
      { numRuns: 5_000 },
    );
  });

  it("takes no length of four bytes that would lead backwards", () => {
    const good = entry(1, "uid=a", { uid: ["123456"] });
    const bytes = Buffer.from(good);
    // The value's eight bytes become a header that says -6: back to where it begins, for ever.
    bytes.set(Buffer.from("0484fffffffa0000", "hex"), bytes.length - 8);
    assert.notEqual(read(good), undefined);
    assert.equal(read(bytes), undefined);
  });

  it("takes no message that is cut off", () => {
    for (const message of MESSAGES) {
      for (let length = 0; length < message.length; length++) {
        assert.equal(read(message.subarray(0, length)), undefined);
      }
    }
  });
});

describe("a message stream", () => {
  it("gives the same messages however the bytes are cut into pieces", () => {
    const all = Buffer.concat(MESSAGES);
    fc.assert(
      fc.property(fc.array(fc.nat(all.length)), (places) => {
        const stream = openMessageStream();
        const ends = [...places].sort((a, b) => a - b);
        const found: Buffer[] = [];
        let start = 0;
        for (const end of [...ends, all.length]) {
          found.push(...stream.push(all.subarray(start, end)));
          start = end;
        }
        assert.deepEqual(found, MESSAGES);
        assert.equal(stream.pending, 0);
      }),
    );
  });

  it("refuses at once a message that says it is larger than allowed", () => {
    const stream = openMessageStream(1_000);
    assert.throws(() => [...stream.push(Buffer.from("308203e8", "hex"))], MalformedMessage);
    const other = openMessageStream(1_000);
    assert.deepEqual([...other.push(Buffer.from("308203e4", "hex"))], []);
  });

  it("takes as long for a large message in small pieces as for one in large pieces", () => {
    const bytes = Buffer.alloc(16 * 1024 * 1024);
    bytes.set(Buffer.from("3084", "hex"));
    bytes.writeUInt32BE(bytes.length - 6, 2);
    const stream = openMessageStream();
    const began = performance.now();
    let found = 0;
    for (let start = 0; start < bytes.length; start += 1_400) {
      for (const message of stream.push(bytes.subarray(start, start + 1_400))) {
        assert.equal(message.length, bytes.length);
        found += 1;
      }
    }
    assert.equal(found, 1);
    assert(performance.now() - began < 2_000);
  });
});
