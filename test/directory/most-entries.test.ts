import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import type { SearchQuery } from "../../src/directory/directory.ts";
import type { DirectoryServer } from "../../src/directory/directory-settings.ts";
import { entry, resultFor, type Script, succeed } from "../support/fake-server.ts";
import { builtIn, fakeServer, openedDirectory, soon, unhandled } from "./opened-directory.ts";

const PEOPLE: SearchQuery = {
  base: "ou=People,dc=domain,dc=org",
  scope: "one",
  filter: { type: "present", attribute: "uid" },
  attributes: ["uid"],
};
const limit = { name: "DirectoryError", code: "limit" } as const;

/** Two entries, and this result. */
function twoAnd(code: number): Script {
  return (received, connection) => {
    if (received.tag !== 0x63) return succeed(received, connection);
    const entries = ["a", "b"].map((uid) => entry(received.id, `uid=${uid},dc=test`));
    connection.send(...entries, resultFor(received, code));
  };
}

describe("the most entries that there may be", () => {
  it("are asked for, and more is an error", async () => {
    const server = await builtIn();
    const { directory } = openedDirectory([server.port]);
    const all = await directory.search(PEOPLE, soon());
    assert(all.length > 3);
    const same = await directory.search({ ...PEOPLE, most: all.length }, soon());
    assert.equal(same.length, all.length);
    for (const most of [all.length - 1, 1]) {
      await assert.rejects(directory.search({ ...PEOPLE, most }, soon()), limit);
      assert.equal(server.operations.at(-1)?.sizeLimit, most);
    }
    // Reaching `limit` is no error.
    assert.equal((await directory.search({ ...PEOPLE, limit: 2 }, soon())).length, 2);
  });

  it("are an error also where the server sends more, or stops at its own limit", async () => {
    const generous = openedDirectory([(await fakeServer(twoAnd(0))).port]).directory;
    assert.equal((await generous.search({ ...PEOPLE, most: 2 }, soon())).length, 2);
    await assert.rejects(generous.search({ ...PEOPLE, most: 1 }, soon()), limit);
    const strict = openedDirectory([(await fakeServer(twoAnd(4))).port]).directory;
    for (const most of [1, 2, 3]) {
      await assert.rejects(strict.search({ ...PEOPLE, most }, soon()), limit);
    }
  });
});

describe("servers that are spoken to in different ways", () => {
  it("are each called and dialled as they are meant to be", async () => {
    const server = await builtIn({ tls: true });
    const { directory } = openedDirectory([], {
      servers: [
        { kind: "tcp", host: "127.0.0.1", port: 1, security: "none" },
        { kind: "tcp", host: "127.0.0.1", port: server.ldapsPort ?? 0, security: "tls" },
      ],
      tls: { minVersion: "TLSv1.2", ca: [server.ca ?? ""] },
    });
    assert((await directory.search(PEOPLE, soon())).length > 0);
    assert.equal(server.operations.at(-1)?.secure, true);
    assert.deepEqual(
      directory.health().servers.map((one) => [one.server, one.state]),
      [
        ["ldap://127.0.0.1:1", "down"],
        [`ldaps://127.0.0.1:${server.ldapsPort}`, "ready"],
      ],
    );
    assert.equal(directory.isProtected, false);
  });

  it("are protected if each is", () => {
    const tcp = { kind: "tcp", host: "127.0.0.1", port: 1 } as const;
    const isProtected = (...servers: readonly DirectoryServer[]) =>
      openedDirectory([], { servers }).directory.isProtected;
    assert.equal(isProtected({ ...tcp, security: "tls" }, { ...tcp, security: "starttls" }), true);
    assert.equal(isProtected({ ...tcp, security: "tls" }, { kind: "unix", path: "/x" }), true);
    assert.equal(isProtected({ ...tcp, security: "tls" }, { ...tcp, security: "none" }), false);
    assert.equal(isProtected({ ...tcp, security: "tls" }, tcp), false);
  });
});

describe("a service account without a name", () => {
  it("is an error, and its password is not sent", async () => {
    const server = await fakeServer();
    for (const dn of ["", " "]) {
      const serviceAccount = { kind: "simple", dn, password: "secret" } as const;
      const { directory } = openedDirectory([server.port], { serviceAccount });
      await assert.rejects(directory.search(PEOPLE, soon()), {
        name: "DirectoryError",
        code: "service-account",
      });
    }
    assert.equal(server.clearBytes.length, 0);
  });
});

after(() => assert.deepEqual(unhandled, []));
