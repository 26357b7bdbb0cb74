import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { eventually } from "../support/eventually.ts";
import { entry, resultFor, type Script, startFakeServer } from "../support/fake-server.ts";
import { protectedApp } from "../support/protected-app.ts";
import { unhandled } from "../support/watched-process.ts";
import { WITHOUT_MEMORY } from "../support/without-memory.ts";

const hex = (text: string) => Buffer.from(text, "hex");
const BUDGET = 1_500;
const VISITORS = 8;

/** Sends the same bytes for as long as somebody listens. */
function pours(bytes: (id: number) => Buffer, before = Buffer.alloc(0)): Script {
  return ({ id, tag }, { socket }) => {
    if (tag === 0x42) return;
    const one = bytes(id);
    socket.write(before);
    const pour = () => {
      while (!socket.destroyed && socket.write(one));
    };
    socket.on("drain", pour);
    pour();
  };
}

const ENDLESS: readonly (readonly [what: string, script: Script])[] = [
  ["large entries", pours((id) => entry(id, "uid=a", { description: ["x".repeat(60_000)] }))],
  ["small entries", pours((id) => Buffer.concat(Array(500).fill(entry(id, "uid=a"))))],
  ["one message of 32 MB", pours(() => Buffer.alloc(65_536), hex("308401f00000"))],
  ["one message of 2 GB", pours(() => Buffer.alloc(65_536), hex("30847fffffff"))],
  [
    "references",
    pours((id) => {
      const one = Buffer.concat([
        hex("300c0201"),
        Buffer.from([id & 0x7f]),
        hex("7307040578783a2f2f"),
      ]);
      return Buffer.concat(Array(500).fill(one));
    }),
  ],
  ["zeros", pours(() => Buffer.alloc(65_536))],
  ["text", pours(() => Buffer.from("220 mail.example ESMTP\r\n".repeat(2_000)))],
];

describe("an answer that never ends", () => {
  for (const [what, script] of ENDLESS) {
    it(`of ${what} costs the time of a request and little memory`, async () => {
      const server = await startFakeServer(script);
      const site = await protectedApp({
        url: `ldap://127.0.0.1:${server.port}/dc=test?uid?sub`,
        ...WITHOUT_MEMORY,
        timeout: BUDGET,
      });
      const ask = async () => {
        const authorization = `Basic ${Buffer.from("alice:alice-pw").toString("base64")}`;
        const began = performance.now();
        const { status } = await fetch(site.url, { headers: { authorization } });
        return { status, took: performance.now() - began };
      };
      const before = process.memoryUsage.rss();
      let most = 0;
      const look = setInterval(() => {
        most = Math.max(most, process.memoryUsage.rss() - before);
      }, 20);
      try {
        const answers = await Promise.all(Array.from({ length: VISITORS }, ask));
        for (const { status, took } of answers) {
          assert.equal(status, 503);
          assert(took < BUDGET + 2_500, `answered after ${took} ms`);
        }
        // Of this process: the server that pours included.
        assert(most < 500 * 1024 * 1024, `${most} bytes more`);
        server.script = (received, { send }) => send(resultFor(received));
        await eventually(() => server.connections === 0);
        // Nobody is found now, which is an answer.
        assert.equal((await ask()).status, 401);
      } finally {
        clearInterval(look);
        await site.close();
        await server.close();
      }
    });
  }
});

after(() => assert.deepEqual(unhandled, []));
