import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import type { DirectoryErrorCode } from "../../src/errors.ts";
import { eventually } from "../support/eventually.ts";
import {
  entry,
  message,
  type Received,
  result,
  resultFor,
  type Script,
} from "../support/fake-server.ts";
import { ANYBODY, fakeServer, openedDirectory, soon, unhandled } from "./opened-directory.ts";

const USER = "uid=anybody,dc=test";
const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");

/** A bind response whose body is this. */
function bindBody({ id }: Received, body: Buffer): Buffer {
  const whole = message(id, 0x61, (writer) => writer.writeBuffer(body, 0x04));
  // Without the header of the string that the writer put the bytes into.
  const bytes = Buffer.concat([whole.subarray(0, whole.length - body.length - 2), body]);
  bytes[1] = (bytes[1] ?? 0) - 2;
  const length = bytes.length - body.length - 1;
  bytes[length] = body.length;
  return bytes;
}

/** What passes for success with a careless reader: none of it may let anybody in. */
const NOT_A_SUCCESS: readonly (readonly [what: string, script: Script])[] = [
  ["an empty body", (received, { send }) => send(bindBody(received, hex("")))],
  [
    "a result code without bytes",
    (received, { send }) => send(bindBody(received, hex("0a00 0400 0400"))),
  ],
  [
    "a result code of negative length",
    (received, { send }) => send(bindBody(received, hex("0a84ffffffff00 0400 0400"))),
  ],
  [
    "a result code that is an INTEGER",
    (received, { send }) => send(bindBody(received, hex("020100 0400 0400"))),
  ],
  [
    "a result code and nothing else",
    (received, { send }) => send(bindBody(received, hex("0a0100"))),
  ],
  [
    "a DN that goes on behind the end",
    (received, { send }) => send(bindBody(received, hex("0a0100 047f 0400"))),
  ],
  ["the end of a search", ({ id }, { send }) => send(result(id, 0x65, 0))],
  ["an extended response", ({ id }, { send }) => send(result(id, 0x78, 0))],
  ["the answer to a modification", ({ id }, { send }) => send(result(id, 0x67, 0))],
  ["an entry", ({ id }, { send }) => send(entry(id, USER))],
  ["success under another message id", ({ id }, { send }) => send(result(id + 1, 0x61, 0))],
  ["success under the message id 0", (_, { send }) => send(result(0, 0x61, 0))],
  ["a request", ({ id }, { send }) => send(message(id, 0x60, (writer) => writer.writeInt(3)))],
  ["an operation that nobody knows", ({ id }, { send }) => send(result(id, 0x7e, 0))],
];

/** What is no answer at all. */
const NOISE: readonly (readonly [what: string, script: Script])[] = [
  ["HTTP", (_, { send }) => send(Buffer.from("HTTP/1.1 200 OK\r\n\r\n"))],
  ["zeros", (_, { send }) => send(Buffer.alloc(64))],
  ["bytes of ones", (_, { send }) => send(Buffer.alloc(64, 0xff))],
  ["an indefinite length", (_, { send }) => send(hex("3080 020101 0000"))],
  ["a length of nine bytes", (_, { send }) => send(hex("3089 010101010101010101"))],
  ["a length of 2 GB", (_, { send }) => send(hex("30847fffffff 020101"))],
  ["a length of 4 GB", (_, { send }) => send(hex("3084ffffffff 020101"))],
  ["a message without an id", (_, { send }) => send(hex("3000"))],
  ["a message id of no bytes", (_, { send }) => send(hex("3002 0200"))],
  ["a negative message id", (_, { send }) => send(hex("300c 0201ff 6107 0a0100 0400 0400"))],
  ["a message without an operation", (_, { send }) => send(hex("3003 020101"))],
];

describe("a password", () => {
  it("is right if the answer is just that: a result of 0", async () => {
    const proper = hex("0a0100 0400 0400");
    const server = await fakeServer((received, { send }) => send(bindBody(received, proper)));
    const { directory } = openedDirectory([server.port]);
    assert.equal((await directory.checkPassword(USER, "secret", soon())).accepted, true);
  });

  for (const [what, script] of [...NOT_A_SUCCESS, ...NOISE]) {
    it(`is not taken for right because of ${what}`, async () => {
      const server = await fakeServer(script);
      const { directory } = openedDirectory([server.port], { operationTimeout: 1_000 });
      await assert.rejects(
        directory.checkPassword(USER, "secret", soon()),
        (error: { code: DirectoryErrorCode }) => {
          assert(["protocol", "unreachable"].includes(error.code), error.code);
          return true;
        },
      );
      await eventually(() => server.connections === 0);
    });
  }

  it("is not sent if it or the DN is empty, and is not right", async () => {
    const server = await fakeServer();
    const { directory } = openedDirectory([server.port]);
    assert.equal((await directory.checkPassword(USER, "", soon())).accepted, false);
    assert.equal((await directory.checkPassword("", "secret", soon())).accepted, false);
    assert.equal((await directory.checkPassword("", "", soon())).accepted, false);
    assert.equal(server.totalConnections, 0);
  });

  it("is not judged by an answer that came before the question", async () => {
    const server = await fakeServer(() => {}, {
      onConnection: ({ send }) => send(result(1, 0x61, 0), result(2, 0x61, 0)),
    });
    const { directory } = openedDirectory([server.port], { operationTimeout: 1_000 });
    await assert.rejects(directory.checkPassword(USER, "secret", soon()), {
      name: "DirectoryError",
    });
  });

  it("is not judged by an earlier answer that comes twice", async () => {
    const server = await fakeServer((received, { send }) =>
      send(resultFor(received), resultFor(received)),
    );
    const { directory } = openedDirectory([server.port]);
    assert.equal((await directory.checkPassword(USER, "right", soon())).accepted, true);
    server.script = (received, { send }) => send(resultFor(received, 49));
    assert.equal((await directory.checkPassword(USER, "wrong", soon())).accepted, false);
  });
});

describe("a search", () => {
  for (const [what, script] of NOISE) {
    it(`fails at once when the answer is ${what}`, async () => {
      const server = await fakeServer(script);
      const { directory } = openedDirectory([server.port]);
      await assert.rejects(directory.search(ANYBODY, soon()), {
        name: "DirectoryError",
        code: "protocol",
      });
      await eventually(() => server.connections === 0);
    });
  }

  const malformed: readonly (readonly [what: string, bytes: (id: number) => Buffer])[] = [
    [
      "a DN that is not UTF-8",
      (id) =>
        message(id, 0x64, (w) => {
          w.writeBuffer(hex("ff"), 4);
          w.startSequence();
          w.endSequence();
        }),
    ],
    ["no attribute list", (id) => message(id, 0x64, (w) => w.writeString("dc=test"))],
    [
      "an attribute without values",
      (id) =>
        message(id, 0x64, (w) => {
          w.writeString("dc=test");
          w.startSequence();
          w.startSequence();
          w.writeString("uid");
          w.endSequence();
          w.endSequence();
        }),
    ],
  ];
  for (const [what, bytes] of malformed) {
    it(`fails at once when an entry has ${what}`, async () => {
      const server = await fakeServer(({ id }, { send }) => send(bytes(id), result(id, 0x65, 0)));
      const { directory } = openedDirectory([server.port]);
      await assert.rejects(directory.search(ANYBODY, soon()), { code: "protocol" });
    });
  }

  it("fails when more entries come than were asked for", async () => {
    const server = await fakeServer(({ id }, { send }) =>
      send(entry(id, "uid=a"), entry(id, "uid=b"), entry(id, "uid=c"), result(id, 0x65, 0)),
    );
    const { directory } = openedDirectory([server.port]);
    await assert.rejects(directory.search(ANYBODY, soon()), { code: "protocol" });
  });

  it("does not mind an answer that comes byte by byte, or all in one piece", async () => {
    const server = await fakeServer(({ id }, { socket, send }) => {
      const answer = Buffer.concat([entry(id, "uid=a", { uid: ["a"] }), result(id, 0x65, 0)]);
      if (id % 2) send(answer);
      else void dribble(answer);
      async function dribble(bytes: Buffer): Promise<void> {
        for (const byte of bytes) {
          socket.write(Buffer.from([byte]));
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
    });
    const { directory } = openedDirectory([server.port]);
    for (let round = 0; round < 4; round++) {
      const [found] = await directory.search(ANYBODY, soon());
      assert.equal(found?.dn, "uid=a");
    }
  });

  it("ends an answer that does not end, and keeps little of it", async () => {
    const filler = "x".repeat(60_000);
    const server = await fakeServer(({ id, tag }, { socket }) => {
      if (tag !== 0x63) return;
      const one = entry(id, "uid=a", { description: [filler] });
      const pour = () => {
        while (!socket.destroyed && socket.write(one));
      };
      socket.on("drain", pour);
      pour();
    });
    const { directory } = openedDirectory([server.port], { operationTimeout: 20_000 });
    const before = process.memoryUsage.rss();
    await assert.rejects(directory.search(ANYBODY, soon(20_000)), {
      code: "protocol",
      message: /more than/,
    });
    await eventually(() => server.connections === 0);
    assert(process.memoryUsage.rss() - before < 300 * 1024 * 1024);
  });

  it("ends one message that does not end", async () => {
    const server = await fakeServer((_, { socket, send }) => {
      send(hex("3084 01f00000"));
      const pour = () => {
        while (!socket.destroyed && socket.write(Buffer.alloc(65_536)));
      };
      socket.on("drain", pour);
      pour();
    });
    const { directory } = openedDirectory([server.port], { operationTimeout: 20_000 });
    const cpu = process.cpuUsage();
    await assert.rejects(directory.search(ANYBODY, soon(20_000)), { name: "DirectoryError" });
    const { user, system } = process.cpuUsage(cpu);
    assert(user + system < 3_000_000, "joining chunks must not cost the square of their size");
  });

  it("gives up pages that never end", async () => {
    const control = hex(
      "a02d 302b 0416 312e322e3834302e3131333535362e312e342e333139 0411 300f 020100 040a 30313233343536373839".replaceAll(
        " ",
        "",
      ),
    );
    const server = await fakeServer(({ id, bytes }, { send }) => {
      if (!bytes.includes("1.2.840.113556.1.4.319")) {
        send(result(id, 0x65, 4));
        return;
      }
      const done = result(id, 0x65, 0);
      // The control goes behind the operation, inside the message.
      const whole = Buffer.concat([done.subarray(2), control]);
      send(Buffer.concat([Buffer.from([0x30, whole.length]), whole]));
    });
    const { directory } = openedDirectory([server.port]);
    const { limit: _, ...everybody } = ANYBODY;
    await assert.rejects(directory.search(everybody, soon()), {
      code: "protocol",
      message: /further pages/,
    });
  });
});

describe("an answer that is cut off", () => {
  for (const how of ["closes", "resets", "stalls"] as const) {
    it(`at any byte, when the server then ${how}, is no answer`, async () => {
      let cutAt = 0;
      const server = await fakeServer((received, { send, socket }) => {
        const answer =
          received.tag === 0x63
            ? Buffer.concat([entry(received.id, "uid=a", { uid: ["a"] }), resultFor(received)])
            : resultFor(received);
        // The last byte is always missing.
        const length = Math.min(cutAt, answer.length - 1);
        if (how === "stalls") send(answer.subarray(0, length));
        else
          socket.write(answer.subarray(0, length), () =>
            how === "closes" ? socket.end() : socket.resetAndDestroy(),
          );
      });
      const { directory } = openedDirectory([server.port], { operationTimeout: 40 });
      const cuts =
        how === "stalls"
          ? [0, 1, 2, 5, 13, 20, 40]
          : Array.from({ length: 42 }, (_, index) => index);
      for (cutAt of cuts) {
        await assert.rejects(directory.checkPassword(USER, "secret", soon()), {
          name: "DirectoryError",
        });
        await assert.rejects(directory.search(ANYBODY, soon()), { name: "DirectoryError" });
      }
      await eventually(() => server.connections === 0);
    });
  }

  it("is not waited for longer than there is time when it drips", async () => {
    const server = await fakeServer(({ id }, { socket }) => {
      const answer = entry(id, "uid=a", { description: ["x".repeat(100)] });
      let next = 0;
      const timer = setInterval(() => {
        if (socket.destroyed) clearInterval(timer);
        else socket.write(answer.subarray(next, ++next));
      }, 10);
      socket.on("close", () => clearInterval(timer));
    });
    const { directory } = openedDirectory([server.port]);
    const began = performance.now();
    await assert.rejects(directory.search(ANYBODY, soon(150)), { code: "timeout" });
    await assert.rejects(directory.checkPassword(USER, "secret", soon(150)), { code: "timeout" });
    assert(performance.now() - began < 1_000);
    await directory.close();
    await eventually(() => server.connections === 0);
  });
});

describe("random bytes", () => {
  it("never let anybody in, hang or harm the process", async () => {
    let seed = 42;
    const random = (most: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % most;
    };
    const server = await fakeServer((received, { send, socket }) => {
      const answer = resultFor(received, 49, "no");
      // The byte of the result code is spared: whoever can turn that into a yes need not confuse the reader.
      const code = answer.indexOf(hex("0a01 31")) + 2;
      for (let change = 0; change <= random(4); change++) {
        const position = random(answer.length);
        if (position !== code) answer[position] = random(256);
      }
      send(answer.subarray(0, 1 + random(answer.length)));
      socket.end();
    });
    const { directory } = openedDirectory([server.port], { operationTimeout: 200 });
    let letIn = 0;
    for (let round = 0; round < 400; round++) {
      const verdict = await directory.checkPassword(USER, "secret", soon(200)).catch((error) => {
        assert.equal(error.name, "DirectoryError");
        return undefined;
      });
      if (verdict?.accepted) letIn += 1;
    }
    assert.equal(letIn, 0);
    await eventually(() => server.connections === 0);
  });
});

after(() => assert.deepEqual(unhandled, []));
