import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { eventually } from "../../support/eventually.ts";
import {
  entry,
  type FakeServer,
  message,
  resultFor,
  type Script,
  startFakeServer,
} from "../../support/fake-server.ts";
import { unhandled } from "../opened-directory.ts";
import {
  CSN,
  hex,
  idSet,
  NOTIFICATION,
  newCookie,
  offering,
  refreshed,
  STATES,
  SYNC,
  syncEntry,
  type TestWatch,
  uuidBytes,
  watching,
} from "./fake-sync.ts";

const ALICE = "uid=alice,ou=people,dc=test";

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
  assert.deepEqual(unhandled, []);
});

async function serve(script: Script): Promise<FakeServer> {
  const server = await startFakeServer(script);
  opened.push(server);
  return server;
}

function watch(...settings: Parameters<typeof watching>): TestWatch {
  const watch = watching(...settings);
  opened.push(watch);
  return watch;
}

const GARBAGE: readonly (readonly [what: string, bytes: (id: number) => Buffer])[] = [
  ["HTTP", () => Buffer.from("HTTP/1.1 200 OK\r\n\r\n")],
  ["zeros", () => Buffer.alloc(64)],
  ["an indefinite length", () => hex("3080 020101 0000")],
  ["a length of 2 GB", () => hex("30847fffffff 020101")],
  ["a length of 4 GB", () => hex("3084ffffffff 020101")],
  ["a length of just over 1 MB", () => hex("3084 00100001 020101")],
  ["a message without an id", () => hex("3000")],
  ["a negative message id", () => hex("300c 0201ff 6507 0a0100 0400 0400")],
  ["an entry for no search", (id) => syncEntry(id + 1, ALICE, STATES.modify)],
  ["news for no search", (id) => newCookie(id + 1, "c")],
  ["the end of no search", (id) => resultFor({ id: id + 1, tag: 0x63, bytes: hex("") })],
  ["the answer to a bind", (id) => resultFor({ id, tag: 0x60, bytes: hex("") })],
  ["an unknown operation", (id) => message(id, 0x7e, () => {})],
  ["a request", (id) => message(id, 0x63, () => {})],
  ["an unknown state", (id) => syncEntry(id, ALICE, 9)],
  ["an id of 15 bytes", (id) => syncEntry(id, ALICE, 1, { uuid: Buffer.alloc(15) })],
  ["the notice that it ends the connection", () => message(0, 0x78, (w) => w.writeEnumeration(52))],
  ["an enormous cookie", (id) => refreshed(id, "delete", { cookie: "x".repeat(100_000) })],
];

describe("a server that is followed and sends", () => {
  for (const [what, bytes] of GARBAGE) {
    it(`${what} is left, and tried again after a while`, async () => {
      let isBad = true;
      const server = await serve(
        offering({
          controls: [SYNC],
          context: { contextCSN: [CSN] },
          follow({ id }, { send }) {
            send(refreshed(id, "delete"), ...(isBad ? [bytes(id)] : []));
            isBad = false;
          },
        }),
      );
      const { modes, changes } = watch([server.port]);
      await eventually(() => modes.length === 3);
      assert.deepEqual(modes, ["syncrepl", "away", "syncrepl"]);
      await eventually(() => server.connections === 1);
      // The second time it went on where it was.
      assert.deepEqual(changes, [{ kind: "anything" }]);
    });
  }

  it("garbage each time is tried less and less often, and said once in a while", async () => {
    const times: number[] = [];
    const server = await serve((_, { send }) => {
      times.push(performance.now());
      send(Buffer.from("garbage"));
    });
    const { log } = watch([server.port], { firstPause: 10, longestPause: 160 });
    await eventually(() => times.length > 7);
    const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    assert(Math.max(...pauses.slice(5)) > 75, pauses.join(" "));
    assert(Math.max(...pauses) < 2_000, pauses.join(" "));
    assert(log.every(({ event }) => event === "watch-failed"));
  });

  it("garbage after it was followed for a moment is no success, and tried less and less often", async () => {
    const times: number[] = [];
    const server = await serve(
      offering({
        controls: [SYNC],
        context: { contextCSN: [CSN] },
        follow({ id }, { send }) {
          times.push(performance.now());
          send(refreshed(id, "delete"), hex("ffffff"));
        },
      }),
    );
    watch([server.port], { firstPause: 10, longestPause: 160 });
    await eventually(() => times.length > 7);
    const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    assert(Math.max(...pauses.slice(5)) > 75, pauses.join(" "));
  });
});

describe("a server that never ends", () => {
  it("to tell what there is is given up, and little of it is kept", async () => {
    let sent = 0;
    const server = await serve(
      offering({
        controls: [SYNC],
        follow({ id }, { socket }) {
          const some = Buffer.concat(
            Array.from({ length: 100 }, () =>
              syncEntry(id, ALICE, STATES.add, { attributes: { mail: ["x".repeat(500)] } }),
            ),
          );
          const pour = () => {
            while (!socket.destroyed && socket.write(some)) sent += some.length;
          };
          socket.on("drain", pour);
          pour();
        },
      }),
    );
    const before = process.memoryUsage.rss();
    const { modes, changes } = watch([server.port], { refresh: 1_500, longestPause: 60_000 });
    await eventually(() => server.totalConnections > 1);
    assert(sent > 4_000_000, `${sent} bytes`);
    assert(process.memoryUsage.rss() - before < 150 * 1024 * 1024);
    assert.deepEqual(modes, []);
    assert.deepEqual(changes, []);
  });

  it("to tell changes does not get all of this process's time", async () => {
    const server = await serve(
      offering({
        controls: [SYNC],
        context: { contextCSN: [CSN] },
        follow({ id }, { socket }) {
          const some = Buffer.concat(
            Array.from({ length: 500 }, () => syncEntry(id, ALICE, STATES.modify)),
          );
          socket.write(refreshed(id, "delete"));
          const pour = () => {
            while (!socket.destroyed && socket.write(some));
          };
          socket.on("drain", pour);
          pour();
        },
      }),
    );
    const one = watch([server.port]);
    await eventually(() => one.modes.length === 1);
    const began = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const perSecond = one.changes.length / ((performance.now() - began) / 1_000);
    assert(perSecond > 1_000, `${perSecond} a second`);
    assert(perSecond < 45_000, `${perSecond} a second`);
    assert.deepEqual(one.modes, ["syncrepl"]);
  });

  it("to list ids is told as a change of anything", async () => {
    const ids = Array.from({ length: 5_000 }, (_, n) => uuidBytes(n % 256));
    const server = await serve(
      offering({
        controls: [SYNC],
        context: { contextCSN: [CSN] },
        follow({ id }, { send }) {
          send(refreshed(id, "delete"), idSet(id, true, ids), idSet(id, true, ids.slice(0, 3)));
        },
      }),
    );
    const { changes } = watch([server.port]);
    await eventually(() => changes.length === 5);
    assert.deepEqual(
      changes.map(({ kind }) => kind),
      ["anything", "anything", "entry", "entry", "entry"],
    );
  });

  it("a message is left", async () => {
    const server = await serve(
      offering({
        controls: [SYNC],
        context: { contextCSN: [CSN] },
        follow({ id }, { socket, send }) {
          send(refreshed(id, "delete"), hex("3084 000f0000"));
          socket.end();
        },
      }),
    );
    const { modes } = watch([server.port]);
    await eventually(() => modes.length > 2);
  });

  it("an ordinary answer is left", async () => {
    const server = await serve(
      offering({
        other({ id }, { send }) {
          for (let n = 0; n < 200; n++) send(entry(id, ""));
        },
      }),
    );
    const { log } = watch([server.port]);
    await eventually(() => log.length > 0);
    assert.match(String(log[0]?.details?.reason), /too many entries/);
    await eventually(() => server.totalConnections > 1);
  });
});

describe("random bytes", () => {
  it("in what is followed never harm the process", async () => {
    let seed = 7;
    const random = (most: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % most;
    };
    const controls = [SYNC, NOTIFICATION];
    const server = await serve(
      offering({
        controls,
        context: { contextCSN: [CSN] },
        follow({ id }, { send, socket }) {
          for (let n = 0; n < 10; n++) {
            const bytes = syncEntry(id, ALICE, STATES.modify, { cookie: "c" });
            for (let change = 0; change < random(3); change++) {
              bytes[random(bytes.length)] = random(256);
            }
            send(bytes);
          }
          socket.end();
        },
      }),
    );
    watch([server.port], { firstPause: 0, longestPause: 0 });
    await eventually(() => server.totalConnections > 200);
  });
});
