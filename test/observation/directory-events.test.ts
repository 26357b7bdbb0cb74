import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { LdapEvent, OperationEvent } from "../../src/events.ts";
import { createObserver } from "../../src/observation/observer.ts";
import {
  ANYBODY,
  builtIn,
  fakeServer,
  openedDirectory,
  soon,
} from "../directory/opened-directory.ts";
import { eventually } from "../support/eventually.ts";
import { resultFor, startFakeServer, succeed } from "../support/fake-server.ts";

const ALICE = "uid=alice,ou=people,dc=domain,dc=org";
const BASE = "dc=domain,dc=org";

function watched(ports: readonly number[]) {
  const events: LdapEvent[] = [];
  const { observe, metrics } = createObserver();
  const { directory } = openedDirectory(ports, {
    observe: (event) => {
      events.push(event);
      observe(event);
    },
  });
  const operations = () =>
    events
      .filter((event): event is OperationEvent => event.type === "operation")
      .map(({ operation, result }) => `${operation} ${result}`);
  return { directory, events, metrics, operations };
}

describe("events of a directory", () => {
  it("tell each operation, at which server, and how it ended", async () => {
    const { port } = await builtIn();
    const { directory, events, operations } = watched([port]);
    await directory.search({ ...ANYBODY, base: BASE }, soon());
    await assert.rejects(directory.search({ ...ANYBODY, base: `dc=no,${BASE}` }, soon()));
    await directory.compare(ALICE, "uid", "alice", soon());
    await directory.compare(ALICE, "uid", "bob", soon());
    await directory.checkPassword(ALICE, "alice-pw", soon());
    await directory.checkPassword(ALICE, "wrong", soon());
    assert.deepEqual(operations(), [
      ...["search success", "search no-such-object", "compare success", "compare success"],
      ...["bind success", "bind refused-bind"],
    ]);
    for (const event of events) {
      if (event.type !== "operation") continue;
      assert.equal(event.server, `ldap://127.0.0.1:${port}`);
      assert(event.milliseconds > 0 && event.milliseconds < 2_000);
    }
    const all = JSON.stringify(events);
    for (const secret of ["alice", "wrong", "anybody"]) assert(!all.includes(secret), secret);
  });

  it("tell an operation that failed, and one that never ended", async () => {
    const server = await fakeServer((received, connection) => {
      if (received.tag === 0x63) connection.send(resultFor(received, 50));
    });
    const { directory, operations } = watched([server.port]);
    await assert.rejects(directory.search(ANYBODY, soon()), { code: "refused" });
    await assert.rejects(directory.checkPassword(ALICE, "x", soon(300)), { code: "timeout" });
    assert.deepEqual(operations(), ["search refused", "bind timeout"]);
  });

  it("tell connections that open and close, so that those that are open can be counted", async () => {
    const { port } = await builtIn();
    const { directory, events, metrics } = watched([port]);
    await directory.search({ ...ANYBODY, base: BASE }, soon());
    const logins = Array.from({ length: 3 }, () => directory.checkPassword(ALICE, "x", soon()));
    await Promise.all(logins);
    const { search, bind } = directory.health().connections;
    assert.deepEqual(metrics().connections, { search, pages: 0, bind });
    assert(search >= 1 && bind >= 1);
    await directory.close();
    await eventually(() => metrics().connections.bind + metrics().connections.search === 0);
    const pools = events.filter(({ type }) => type === "pool");
    assert.equal(pools.length, 2 * (search + bind));
  });

  it("count no connection that was never ready", async () => {
    const server = await fakeServer((_, { socket }) => socket.destroy(), {
      onConnection: ({ socket }) => socket.destroy(),
    });
    const { directory, metrics } = watched([server.port]);
    for (let n = 0; n < 3; n++) await assert.rejects(directory.search(ANYBODY, soon()));
    await eventually(() => metrics().connections.search === 0);
    assert.deepEqual(metrics().connections, { search: 0, pages: 0, bind: 0 });
  });

  it("tell once that a server went away, and once that it is back", async () => {
    const server = await startFakeServer();
    const { port } = server;
    const { directory, events, metrics } = watched([port]);
    await directory.search(ANYBODY, soon());
    await server.close();
    for (let n = 0; n < 3; n++) await assert.rejects(directory.search(ANYBODY, soon()));
    await fakeServer(succeed, { port });
    await directory.search(ANYBODY, soon());
    const name = `ldap://127.0.0.1:${port}`;
    assert.deepEqual(
      events.filter(({ type }) => type === "failover"),
      [
        { type: "failover", server: name, state: "down", error: "unreachable" },
        { type: "failover", server: name, state: "ready" },
      ],
    );
    assert.deepEqual(metrics().failovers, { down: 1, ready: 1 });
  });
});
