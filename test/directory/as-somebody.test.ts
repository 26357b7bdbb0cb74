import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { inspect } from "node:util";
import type { OperationReport, SearchQuery } from "../../src/directory/directory.ts";
import { refusesCredentials } from "../../src/directory/result-codes.ts";
import { textValues } from "../../src/ldap/entry.ts";
import { bothDirectories, type RunningDirectory } from "../support/real-and-built-in.ts";
import { builtIn, fakeServer, openedDirectory, soon } from "./opened-directory.ts";

const PEOPLE = "ou=People,dc=domain,dc=org";
const ALICE = `uid=alice,${PEOPLE}`;
const NOREAD = "cn=noread,ou=Services,dc=domain,dc=org";
/** Not for anonymous, nor for cn=noread. */
const PRIVATE: SearchQuery = {
  base: "ou=Private,dc=domain,dc=org",
  scope: "one",
  filter: { type: "present", attribute: "uid" },
  attributes: ["uid"],
};
/** For alice alone. */
const SECRET_GROUP = "cn=secretgroup,ou=Groups,dc=domain,dc=org";

/** Each has a secretCode, which nobody else may read. */
const NAMES = ["alice", "bob"];

const self = (name: string): SearchQuery => ({
  base: PEOPLE,
  scope: "one",
  filter: { type: "equal", attribute: "uid", value: Buffer.from(name) },
  attributes: ["secretCode"],
  limit: 2,
});

async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => assert.fail("accepted"),
    (error: unknown) => error,
  );
}

for (const { name, skip, start } of bothDirectories) {
  describe(`asking as somebody on ${name}`, { skip }, () => {
    let server: RunningDirectory;
    before(async () => {
      server = await start();
    });
    after(() => server.close());

    it("sees what that person may see, and the service account still does not", async () => {
      const { directory } = openedDirectory([server.port]);
      const asAlice = directory.as(ALICE, "alice-pw");
      await assert.rejects(directory.search(PRIVATE, soon()), { resultCode: 50 });
      const found = await asAlice.search(PRIVATE, soon());
      assert(found.length > 0, "alice sees ou=Private");
      assert.equal(await asAlice.compare(SECRET_GROUP, "cn", "secretgroup", soon()), true);
      await assert.rejects(directory.compare(SECRET_GROUP, "cn", "secretgroup", soon()));
      await assert.rejects(directory.search(PRIVATE, soon()), { resultCode: 50 });
      await assert.rejects(directory.as(NOREAD, "noread-pw").search(PRIVATE, soon()));
    });

    it("is refused where the bind is, as credentials that are refused", async () => {
      const { directory } = openedDirectory([server.port]);
      for (const [dn, password] of [
        [ALICE, "alice-PW"],
        [`uid=nobody,${PEOPLE}`, "alice-pw"],
        [`uid=nopw,${PEOPLE}`, "alice-pw"],
      ] as const) {
        const wrong = directory.as(dn, password);
        for (const ask of [
          () => wrong.search(PRIVATE, soon()),
          () => wrong.compare(ALICE, "uid", "alice", soon()),
        ]) {
          const error = await rejectionOf(ask());
          assert.equal(refusesCredentials(error), true, dn);
          assert.equal(inspect(error, { depth: 9 }).includes(password), false);
        }
      }
    });

    it("tells a question that is refused from credentials that are", async () => {
      const { directory } = openedDirectory([server.port]);
      const asNoread = directory.as(NOREAD, "noread-pw");
      const error = await rejectionOf(asNoread.search(PRIVATE, soon()));
      assert.equal(refusesCredentials(error), false);
      const notThere = { ...PRIVATE, base: "ou=Nowhere,dc=domain,dc=org" };
      const missing = await rejectionOf(directory.as(ALICE, "alice-pw").search(notThere, soon()));
      assert.equal(refusesCredentials(missing), false);
    });

    it("takes a name that is no DN for refused, not for nobody", async () => {
      const { directory } = openedDirectory([server.port]);
      await assert.rejects(directory.as("alice", "alice-pw").search(PRIVATE, soon()), {
        code: "refused",
        resultCode: 34,
      });
    });

    it("keeps 50 people who ask at the same time apart", async () => {
      const { directory } = openedDirectory([server.port], {
        connections: { search: 2, bind: 4, queue: 1_000 },
      });
      const asked = Array.from({ length: 50 }, async (_, index) => {
        const who = NAMES[index % NAMES.length] ?? "";
        const about = NAMES[(index >> 1) % NAMES.length] ?? "";
        const as = directory.as(`uid=${who},${PEOPLE}`, `${who}-pw`);
        const [entry] = await as.search(self(about), soon(10_000));
        const seen = entry ? textValues(entry, "secretCode") : [];
        // Wrong ones in between leave nothing behind either.
        if (index % 4 === 0) {
          const wrong = directory.as(`uid=${who},${PEOPLE}`, "wrong");
          assert(refusesCredentials(await rejectionOf(wrong.search(self(about), soon(10_000)))));
        }
        return [who === about, seen.length > 0];
      });
      for (const [isSelf, sees] of await Promise.all(asked)) assert.equal(sees, isSelf);
    });
  });
}

describe("asking as somebody", () => {
  it("sends nothing without a DN and a password", async () => {
    const server = await fakeServer();
    const { directory } = openedDirectory([server.port]);
    for (const [dn, password] of [
      ["", "alice-pw"],
      ["  ", "alice-pw"],
      [ALICE, ""],
      [ALICE, undefined as unknown as string],
    ] as const) {
      const as = directory.as(dn, password);
      await assert.rejects(as.search(PRIVATE, soon()), { code: "refused" });
      await assert.rejects(as.compare(ALICE, "uid", "alice", soon()), { code: "refused" });
    }
    assert.equal(server.totalConnections, 0);
  });

  it("binds anew before each question, on connections that no other search uses", async () => {
    const server = await builtIn();
    const { directory } = openedDirectory([server.port], {
      connections: { search: 1, bind: 1, queue: 10 },
    });
    const as = directory.as(ALICE, "alice-pw");
    await as.search(PRIVATE, soon());
    await as.search(PRIVATE, soon());
    await as.compare(ALICE, "uid", "alice", soon());
    await assert.rejects(directory.search(PRIVATE, soon()));
    const done = server.operations.map(({ operation, connection, who }) => [
      operation,
      connection,
      who,
    ]);
    const alice = ALICE.toLowerCase();
    assert.deepEqual(done, [
      ["bind", 1, ""],
      ["search", 1, alice],
      ["bind", 1, alice],
      ["search", 1, alice],
      ["bind", 1, alice],
      ["compare", 1, alice],
      ["search", 2, ""],
    ]);
  });

  it("binds again when a connection that worked before is dead", async () => {
    const server = await builtIn();
    const { directory } = openedDirectory([server.port], {
      connections: { search: 1, bind: 1, queue: 10 },
    });
    const as = directory.as(ALICE, "alice-pw");
    await as.search(PRIVATE, soon());
    server.clearOperations();
    server.addFault({ on: "search", fault: "reset", times: 1 });
    const found = await as.search(PRIVATE, soon());
    assert(found.length > 0);
    const done = server.operations.map(({ operation, connection }) => [operation, connection]);
    assert.deepEqual(done, [
      ["bind", 1],
      ["search", 1],
      ["bind", 2],
      ["search", 2],
    ]);
  });

  it("leaves a late answer to whoever asked for it", async () => {
    const server = await builtIn();
    const { directory } = openedDirectory([server.port], {
      connections: { search: 1, bind: 1, queue: 10 },
    });
    server.addFault({ on: "search", fault: "stall", times: 1 });
    const late = directory.as(ALICE, "alice-pw").search(PRIVATE, soon(100));
    await assert.rejects(late, { code: "timeout" });
    const bob = directory.as(`uid=bob,${PEOPLE}`, "bob-pw");
    assert.deepEqual(await bob.search({ ...self("alice"), attributes: ["uid"] }, soon()), [
      { dn: ALICE, attributes: new Map([["uid", ["alice"]]]) },
    ]);
  });
});

describe("reports of operations", () => {
  it("tell what was asked, of whom, and how it ended; never a password", async () => {
    const server = await builtIn();
    const { directory } = openedDirectory([server.port]);
    const reports: OperationReport[] = [];
    const hear = (report: OperationReport) => reports.push(report);
    const searches = directory.reporting(hear);
    await searches.search({ ...self("alice"), attributes: [] }, soon());
    await searches.compare(ALICE, "uid", "ALICE", soon());
    await searches.compare(ALICE, "uid", "bob", soon());
    await assert.rejects(searches.search(PRIVATE, soon()));
    const asAlice = directory.as(ALICE, "alice-pw").reporting(hear);
    await asAlice.search(PRIVATE, soon());
    await assert.rejects(
      directory.as(ALICE, "wrong-pw").reporting(hear).compare(ALICE, "uid", "alice", soon()),
    );
    const { url } = server;
    const search = { operation: "search", server: url, scope: "one", cacheHit: false };
    const compare = {
      operation: "compare",
      server: url,
      dn: ALICE,
      attribute: "uid",
      cacheHit: false,
    };
    const told = reports.map(({ milliseconds, ...rest }) => {
      assert(milliseconds >= 0 && milliseconds < 2_000);
      return rest;
    });
    const { base } = PRIVATE;
    assert.deepEqual(told, [
      { ...search, dn: PEOPLE, filter: "(uid=alice)", result: "found 1" },
      { ...compare, result: "true" },
      { ...compare, result: "false" },
      { ...search, dn: base, filter: "(uid=*)", result: "refused (50)" },
      { ...search, dn: base, filter: "(uid=*)", result: `found ${2}` },
      { ...compare, result: "refused (49)" },
    ]);
    assert.doesNotMatch(JSON.stringify(reports), /-pw/);
  });

  it("go to each of several listeners, and to nobody who did not ask", async () => {
    const server = await builtIn();
    const { directory } = openedDirectory([server.port]);
    const first: string[] = [];
    const second: string[] = [];
    const once = directory.reporting(({ result }) => first.push(result));
    const twice = once.reporting(({ result }) => second.push(result));
    await directory.compare(ALICE, "uid", "alice", soon());
    await once.compare(ALICE, "uid", "bob", soon());
    await twice.compare(ALICE, "uid", "alice", soon());
    assert.deepEqual([first, second], [["false", "true"], ["true"]]);
  });

  it("name no server where none was reached", async () => {
    const server = await fakeServer();
    const { port } = server;
    await server.close();
    const { directory } = openedDirectory([port]);
    const reports: OperationReport[] = [];
    const searches = directory.reporting((report) => reports.push(report));
    await assert.rejects(searches.search(PRIVATE, soon()), { code: "unreachable" });
    assert.deepEqual(
      reports.map(({ server: name, result }) => [name, result]),
      [[undefined, "unreachable"]],
    );
  });
});
