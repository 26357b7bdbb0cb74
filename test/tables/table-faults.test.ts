import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { ldapTable } from "../../src/open-table.ts";
import type { LdapTable } from "../../src/tables/ldap-table.ts";
import type { Fault, TestDirectory } from "../../src/testing/index.ts";
import { eventually } from "../support/eventually.ts";
import { entry, resultFor, startFakeServer, succeed } from "../support/fake-server.ts";
import { groupTable, MAIL_BASE, mailTable, startMailDirectory } from "../support/mail-directory.ts";

const tables: LdapTable[] = [];
function open(text: string): LdapTable {
  const table = ldapTable({ text }, { log: () => {} });
  tables.push(table);
  return table;
}
afterEach(() => Promise.all(tables.splice(0).map((table) => table.close())));

/** An error of ours, in time. */
async function failsWithin(milliseconds: number, looking: Promise<unknown>): Promise<string> {
  const began = performance.now();
  const error = await looking.then(
    (value) => assert.fail(`it found ${value}`),
    (reason: { name: string; code: string }) => reason,
  );
  assert.equal(error.name, "DirectoryError", String(error));
  const took = performance.now() - began;
  assert(took < milliseconds, `${took} ms`);
  return error.code;
}

describe("a table whose directory fails", () => {
  let directory: TestDirectory;
  before(async () => {
    directory = await startMailDirectory();
  });
  after(() => directory.close());

  const BOB = `uid=bob,ou=People,${MAIL_BASE}`;
  const faults: readonly (readonly [fault: Omit<Fault, "on">, code: string])[] = [
    [{ fault: "reset" }, "unreachable"],
    [{ fault: "close" }, "unreachable"],
    [{ fault: "garbage" }, "protocol"],
    [{ fault: "stall" }, "timeout"],
    [{ fault: "result", resultCode: 1 }, "refused"],
    [{ fault: "result", resultCode: 3 }, "limit"],
    [{ fault: "result", resultCode: 4 }, "limit"],
    [{ fault: "result", resultCode: 10 }, "refused"],
    [{ fault: "result", resultCode: 11 }, "limit"],
    [{ fault: "result", resultCode: 50 }, "refused"],
    [{ fault: "result", resultCode: 51 }, "refused"],
    [{ fault: "result", resultCode: 80 }, "refused"],
  ];
  for (const [fault, code] of faults) {
    const name = `${fault.fault}${fault.resultCode ? ` ${fault.resultCode}` : ""}`;

    it(`at the first search says so (${name}), and is well again after`, async () => {
      const table = open(mailTable(`127.0.0.1:${directory.port}`, "timeout = 1"));
      const mend = directory.addFault({ ...fault, on: "search" });
      assert.equal(await failsWithin(2_500, table.lookup("alice@example.org")), code);
      mend();
      assert.deepEqual(await table.lookup("alice@example.org"), ["alice"]);
    });

    it(`at the last member of a group gives no part of it (${name})`, async () => {
      const table = open(groupTable(`127.0.0.1:${directory.port}`, "timeout = 1"));
      const mend = directory.addFault({ ...fault, on: "search", dn: BOB });
      assert.equal(await failsWithin(2_500, table.lookup("staff")), code);
      mend();
      assert.deepEqual(await table.lookup("staff"), ["alice@example.org", "bob@example.org"]);
    });
  }

  it("takes nothing for an answer where a member is merely away", async () => {
    const table = open(groupTable(`127.0.0.1:${directory.port}`));
    const mend = directory.addFault({ fault: "result", resultCode: 32, on: "search", dn: BOB });
    assert.deepEqual(await table.lookup("staff"), ["alice@example.org"]);
    mend();
  });

  it("takes a fixed base that is not there for an error, one made of the key for nothing", async () => {
    const host = `127.0.0.1:${directory.port}`;
    const fixed = open(mailTable(host, "search_base = ou=Nowhere,dc=example,dc=org"));
    assert.equal(await failsWithin(2_000, fixed.lookup("alice@example.org")), "no-such-object");
    const made = open(mailTable(host, `search_base = uid=%u,ou=People,${MAIL_BASE}`));
    assert.equal(await made.lookup("nobody@example.org"), undefined);
    assert.deepEqual(await made.lookup("alice@example.org"), ["alice"]);
  });

  it("goes on after the server was away", async () => {
    const table = open(mailTable(`127.0.0.1:${directory.port}`));
    assert.deepEqual(await table.lookup("alice@example.org"), ["alice"]);
    await directory.stop();
    assert.equal(await failsWithin(2_000, table.lookup("alice@example.org")), "unreachable");
    await directory.start();
    assert.deepEqual(await table.lookup("alice@example.org"), ["alice"]);
  });
});

describe("server_host", () => {
  it("goes past servers that are dead, hang, or talk nonsense, within the time of a look-up", async () => {
    const directory = await startMailDirectory();
    const hanging = await startFakeServer(() => {});
    const nonsense = await startFakeServer((_, { send }) =>
      send(Buffer.from("HTTP/1.1 200 OK\r\n\r\n")),
    );
    const hosts = [1, hanging.port, nonsense.port, directory.port].map(
      (port) => `127.0.0.1:${port}`,
    );
    const table = open(mailTable(hosts.join(", ")));
    const began = performance.now();
    assert.deepEqual(await table.lookup("alice@example.org"), ["alice"]);
    assert(performance.now() - began < 4_000);
    // It remembers.
    await table.lookup("alice@example.org");
    assert.equal(hanging.totalConnections, 1);
    await Promise.all([directory.close(), hanging.close(), nonsense.close()]);
  });

  it("may be a Unix socket, whose peer needs no password", async () => {
    const path = join(tmpdir(), `table-${process.pid}.sock`);
    const server = await startFakeServer(succeed, { path });
    const lines = ["bind = sasl", "sasl_mechs = EXTERNAL"];
    const table = open(mailTable(`ldapi://${encodeURIComponent(path)}`, ...lines));
    assert.equal(await table.lookup("alice@example.org"), undefined);
    assert.deepEqual(
      server.received.map(({ tag, bytes }) => [tag, bytes.includes("EXTERNAL")]),
      [
        [0x60, true],
        [0x63, false],
      ],
    );
    await server.close();
  });

  it("fails in time where none of them answers", async () => {
    const hanging = await startFakeServer(() => {});
    const table = open(mailTable(`127.0.0.1:${hanging.port} 127.0.0.1:1`, "timeout = 1"));
    await failsWithin(2_500, table.lookup("alice@example.org"));
    await hanging.close();
  });
});

describe("a server that lies", () => {
  it("is not believed more entries than size_limit, whatever result it names", async () => {
    const server = await startFakeServer((received, connection) => {
      if (received.tag !== 0x63) return succeed(received, connection);
      const people = ["a", "b", "c"].map((uid) => entry(received.id, `uid=${uid}`, { uid: [uid] }));
      connection.send(...people, resultFor(received));
    });
    const host = `127.0.0.1:${server.port}`;
    assert.equal(
      await failsWithin(2_000, open(mailTable(host, "size_limit = 2")).lookup("x")),
      "limit",
    );
    assert.deepEqual(await open(mailTable(host, "size_limit = 3")).lookup("x"), ["a", "b", "c"]);
    await server.close();
  });

  it("that sends other attributes than were asked for says nothing with them", async () => {
    const server = await startFakeServer((received, connection) => {
      if (received.tag !== 0x63) return succeed(received, connection);
      const values = {
        Cn: ["x"],
        "uid;lang-en": ["en"],
        UID: ["me"],
        uidNumber: ["1"],
        memberdn: ["dc=x"],
      };
      connection.send(entry(received.id, "uid=me", values), resultFor(received));
    });
    assert.deepEqual(await open(mailTable(`127.0.0.1:${server.port}`)).lookup("x"), ["en", "me"]);
    await server.close();
  });

  it("that sends what is no text, or nothing, is an error, or nothing", async () => {
    const values: Buffer[] = [];
    const server = await startFakeServer((received, connection) => {
      if (received.tag !== 0x63) return succeed(received, connection);
      connection.send(entry(received.id, "uid=me", { uid: values }), resultFor(received));
    });
    const table = open(mailTable(`127.0.0.1:${server.port}`));
    values.push(Buffer.from("a"), Buffer.from([0xff]));
    assert.equal(await failsWithin(2_000, table.lookup("x")), "protocol");
    values.splice(0, 2, Buffer.from(""), Buffer.from("\0OK"));
    assert.equal(await table.lookup("x"), undefined);
    values.push(Buffer.from("REJECT\0OK"), Buffer.from("REJ\0\xff", "latin1"));
    assert.deepEqual(await table.lookup("x"), ["REJECT", "REJ"]);
    await eventually(() => server.connections === 1);
    await server.close();
  });
});
