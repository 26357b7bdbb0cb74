import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import type { DirectoryError } from "../../src/errors.ts";
import { eventually } from "../support/eventually.ts";
import { resultFor, type Script, startFakeServer, succeed } from "../support/fake-server.ts";
import {
  ANYBODY,
  fakeServer,
  keyPair,
  openedDirectory,
  pem,
  soon,
  unhandled,
} from "./opened-directory.ts";

const USER = "uid=anybody,dc=test";

/** A port at which nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  assert(address && typeof address === "object");
  return address.port;
}

describe("a directory of one server", () => {
  it("that is killed and comes back costs errors while it is away and nothing after", async () => {
    let server = await startFakeServer();
    const { port } = server;
    const { directory, log } = openedDirectory([port]);
    for (let round = 0; round < 3; round++) {
      assert.deepEqual(await directory.search(ANYBODY, soon()), []);
      assert.equal((await directory.checkPassword(USER, "right", soon())).accepted, true);
      await server.close();
      for (let attempt = 0; attempt < 5; attempt++) {
        const began = performance.now();
        await assert.rejects(directory.search(ANYBODY, soon()), { code: "unreachable" });
        await assert.rejects(directory.checkPassword(USER, "right", soon()), {
          code: "unreachable",
        });
        assert(performance.now() - began < 1_500);
      }
      assert.equal(directory.health().state, "down");
      server = await startFakeServer(succeed, { port });
      assert.deepEqual(await directory.search(ANYBODY, soon()), []);
      assert.equal((await directory.checkPassword(USER, "right", soon())).accepted, true);
      assert.equal(directory.health().state, "ready");
    }
    await server.close();
    assert.equal(log.filter(({ event }) => event === "directory-unreachable").length, 3);
  });

  it("may cut its connections at any time without anybody noticing", async () => {
    const server = await fakeServer();
    const { directory } = openedDirectory([server.port]);
    for (let round = 0; round < 20; round++) {
      assert.deepEqual(await directory.search(ANYBODY, soon()), []);
      assert.equal((await directory.checkPassword(USER, "right", soon())).accepted, true);
      if (round % 2) server.cutAll();
    }
  });

  const cuts: readonly (readonly [what: string, cut: Script])[] = [
    ["closes", (_, { socket }) => socket.end()],
    ["resets", (_, { socket }) => socket.resetAndDestroy()],
    [
      "takes leave (RFC 4511 section 4.4.1)",
      ({ id }, { send, socket }) => {
        send(resultFor({ id: 0, tag: 0x77, bytes: Buffer.from([id]) }, 52));
        socket.end();
      },
    ],
  ];
  for (const [what, cut] of cuts) {
    it(`that ${what} instead of answering on an old connection is asked once more`, async () => {
      const answered = new Set<number>();
      const server = await fakeServer((received, connection) => {
        // Each connection answers once.
        if (answered.has(connection.number)) cut(received, connection);
        else succeed(received, connection);
        answered.add(connection.number);
      });
      const { directory } = openedDirectory([server.port]);
      for (let round = 0; round < 4; round++) {
        assert.deepEqual(await directory.search(ANYBODY, soon()), []);
        assert.equal((await directory.checkPassword(USER, "right", soon())).accepted, true);
      }
    });

    it(`that ${what} instead of answering on a new connection is not asked once more`, async () => {
      const server = await fakeServer(cut);
      const { directory } = openedDirectory([server.port]);
      await assert.rejects(directory.checkPassword(USER, "right", soon()), { code: "unreachable" });
      assert.equal(server.received.length, 1);
    });
  }

  it("that accepts and then dies is told once, not at each request", async () => {
    const server = await fakeServer((_, { socket }) => socket.destroy());
    const { directory, log } = openedDirectory([server.port]);
    for (let attempt = 0; attempt < 10; attempt++) {
      await assert.rejects(directory.search(ANYBODY, soon()), { code: "unreachable" });
    }
    assert.deepEqual(
      log.map(({ event }) => event),
      ["directory-unreachable"],
    );
    server.script = succeed;
    assert.deepEqual(await directory.search(ANYBODY, soon()), []);
    assert.deepEqual(
      log.map(({ event }) => event),
      ["directory-unreachable", "directory-reachable"],
    );
  });

  it("that cuts a connection with much under way is asked again for all of it on one fresh connection", async () => {
    const held: (() => void)[] = [];
    const server = await fakeServer((received, connection) => {
      if (connection.number > 1 || held.length === 0) succeed(received, connection);
      held.push(() => connection.socket.destroy());
    });
    const { directory } = openedDirectory([server.port], {
      connections: { search: 1, bind: 1, queue: 1_000 },
    });
    await directory.search(ANYBODY, soon());
    const searches = Array.from({ length: 20 }, () => directory.search(ANYBODY, soon()));
    await eventually(() => held.length === 21);
    held.at(-1)?.();
    for (const entries of await Promise.all(searches)) assert.deepEqual(entries, []);
    assert.equal(server.totalConnections, 2);
  });

  it("that ends connections which nobody uses is not down", async () => {
    const server = await fakeServer();
    const { directory, log } = openedDirectory([server.port]);
    await directory.search(ANYBODY, soon());
    await directory.checkPassword(USER, "right", soon());
    server.cutAll();
    await eventually(() => {
      const { search, bind } = directory.health().connections;
      return search + bind === 0;
    });
    assert.equal(directory.health().state, "ready");
    assert.deepEqual(log, []);
  });

  it("that was silent for a while is ready again as soon as it answers on any connection", async () => {
    const server = await fakeServer((received, connection) => {
      if (!received.bytes.includes("silent")) succeed(received, connection);
    });
    const { directory } = openedDirectory([server.port], { operationTimeout: 250 });
    await directory.search(ANYBODY, soon());
    await assert.rejects(directory.checkPassword(USER, "silent", soon()), { code: "timeout" });
    assert.equal(directory.health().state, "down");
    await directory.search(ANYBODY, soon());
    assert.equal(directory.health().state, "ready");
  });

  it("is asked once more only once", async () => {
    const server = await fakeServer((received, connection) => {
      if (server.received.length === 1) succeed(received, connection);
      else connection.socket.destroy();
    });
    const { directory } = openedDirectory([server.port]);
    await directory.search(ANYBODY, soon());
    await assert.rejects(directory.search(ANYBODY, soon()), { code: "unreachable" });
    assert.equal(server.received.length, 3);
  });

  it("whose name does not resolve is unreachable", async () => {
    const { directory } = openedDirectory([], {
      servers: [{ kind: "tcp", host: "nobody.invalid", port: 389 }],
    });
    await assert.rejects(directory.search(ANYBODY, soon()), (error: DirectoryError) => {
      return error.code === "unreachable" || error.code === "timeout";
    });
  });

  it("of several addresses tells the reasons of all", async () => {
    const port = await freePort();
    const { directory } = openedDirectory([], {
      servers: [{ kind: "tcp", host: "localhost", port }],
    });
    await assert.rejects(directory.search(ANYBODY, soon()), {
      code: "unreachable",
      message: /ECONNREFUSED/,
    });
  });

  it("may be behind a Unix socket", async () => {
    const path = join(tmpdir(), `directory-${process.pid}.sock`);
    await fakeServer(succeed, { path });
    const { directory } = openedDirectory([], { servers: [{ kind: "unix", path }] });
    assert.deepEqual(await directory.search(ANYBODY, soon()), []);
    assert.equal(directory.health().servers[0]?.server, `ldapi://${path}`);
  });
});

describe("a directory of two servers", () => {
  it("uses the first", async () => {
    const [first, second] = [await fakeServer(), await fakeServer()];
    const { directory } = openedDirectory([first.port, second.port]);
    await directory.search(ANYBODY, soon());
    await directory.checkPassword(USER, "right", soon());
    assert.equal(second.totalConnections, 0);
    assert.equal(directory.health().state, "ready");
  });

  it("uses the second while the first is down, and the first again when it is back", async () => {
    const second = await fakeServer();
    const port = await freePort();
    const { directory } = openedDirectory([port, second.port]);
    assert.deepEqual(await directory.search(ANYBODY, soon()), []);
    assert.equal((await directory.checkPassword(USER, "right", soon())).accepted, true);
    assert.equal(directory.health().state, "degraded");
    assert.deepEqual(
      directory.health().servers.map(({ state, error }) => [state, error]),
      [
        ["down", "unreachable"],
        ["ready", undefined],
      ],
    );

    const first = await fakeServer(succeed, { port });
    await eventually(() => directory.health().state === "ready");
    const asked = second.received.length;
    assert.deepEqual(await directory.search(ANYBODY, soon()), []);
    assert.equal((await directory.checkPassword(USER, "right", soon())).accepted, true);
    assert.equal(second.received.filter(({ tag }) => tag !== 0x42).length, asked);
    assert(first.received.length >= 2);
    await eventually(() => second.connections === 0);
  });

  const broken: readonly (readonly [what: string, script: Script])[] = [
    ["closes at once", (_, { socket }) => socket.destroy()],
    ["is busy", (received, { send }) => send(resultFor(received, 51))],
    ["is unavailable", (received, { send }) => send(resultFor(received, 52))],
    ["does not speak LDAP", (_, { send }) => send(Buffer.from("220 mail.example ESMTP\r\n"))],
  ];
  for (const [what, script] of broken) {
    it(`uses the second when the first ${what}`, async () => {
      const [first, second] = [await fakeServer(script), await fakeServer()];
      const { directory } = openedDirectory([first.port, second.port]);
      await directory.search(ANYBODY, soon()).catch((error: DirectoryError) => {
        assert(["unreachable", "protocol"].includes(error.code), error.code);
      });
      assert.deepEqual(await directory.search(ANYBODY, soon()), []);
      assert.equal((await directory.checkPassword(USER, "right", soon())).accepted, true);
      assert(second.received.length >= 2);
    });
  }

  for (const certificate of ["expired", "wrong-host"]) {
    it(`uses the second when the first's certificate is "${certificate}"`, async () => {
      const first = await fakeServer(succeed, keyPair(certificate));
      const second = await fakeServer(succeed, keyPair("good"));
      const { directory } = openedDirectory([first.port, second.port], {
        security: "starttls",
        tls: { minVersion: "TLSv1.2", ca: [pem("ca.pem")] },
      });
      assert.deepEqual(await directory.search(ANYBODY, soon()), []);
      assert.equal(directory.health().servers[0]?.error, "tls");
    });
  }

  it("leaves time for the second within one request when the first swallows everything", async () => {
    const [first, second] = [
      await fakeServer(() => {}),
      await fakeServer(succeed, { ...keyPair("good"), tls: true }),
    ];
    const { directory } = openedDirectory([first.port, second.port], {
      security: "tls",
      tls: { minVersion: "TLSv1.2", ca: [pem("ca.pem")] },
      dialTimeout: 2_000,
    });
    assert.deepEqual(await directory.search(ANYBODY, soon(2_000)), []);
    const began = performance.now();
    assert.equal((await directory.checkPassword(USER, "right", soon(2_000))).accepted, true);
    assert(performance.now() - began < 600, "the first is not waited for again");
  });

  it("does not let the second judge a password that the first refused", async () => {
    const first = await fakeServer((received, { send }) => send(resultFor(received, 49)));
    const second = await fakeServer();
    const { directory } = openedDirectory([first.port, second.port]);
    assert.equal((await directory.checkPassword(USER, "wrong", soon())).accepted, false);
    assert.equal(first.received.length, 1);
    assert.equal(second.totalConnections, 0);
  });

  it("tells the first server's error when none serves", async () => {
    const { directory } = openedDirectory([await freePort(), await freePort()]);
    const [first] = directory.health().servers;
    await assert.rejects(directory.search(ANYBODY, soon()), (error: DirectoryError) => {
      return error.code === "unreachable" && error.message.startsWith(first?.server ?? "none");
    });
    assert.equal(directory.health().state, "down");
  });
});

after(() => assert.deepEqual(unhandled, []));
