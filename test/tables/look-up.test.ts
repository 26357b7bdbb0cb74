import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import fc from "fast-check";
import { ldapTable } from "../../src/open-table.ts";
import type { LdapTable } from "../../src/tables/ldap-table.ts";
import type { TestDirectory } from "../../src/testing/index.ts";
import {
  groupTable,
  MAIL_BASE,
  mailGroup,
  mailTable,
  startMailDirectory,
} from "../support/mail-directory.ts";

const tables: LdapTable[] = [];
function open(text: string): LdapTable {
  const table = ldapTable({ text }, { log: () => {} });
  tables.push(table);
  return table;
}
afterEach(() => Promise.all(tables.splice(0).map((table) => table.close())));

/** Each group has the next one twice: 2^depth ways lead to the last. */
const doubling = (depth: number) =>
  Array.from({ length: depth }, (_, at) =>
    [
      mailGroup(`d${at}`, `cn=l${at}`, `cn=r${at}`),
      mailGroup(`l${at}`, `cn=d${at + 1}`),
      mailGroup(`r${at}`, `cn=d${at + 1}`),
    ].join("\n"),
  );

describe("the limits of a look-up", () => {
  let directory: TestDirectory;
  let host: string;
  before(async () => {
    directory = await startMailDirectory([
      ...doubling(14),
      mailGroup("d14", "alice"),
      mailGroup("self", "alice", "cn=self"),
      mailGroup("one", "cn=two"),
      mailGroup("two", "cn=one", "bob"),
    ]);
    host = `127.0.0.1:${directory.port}`;
  });
  after(() => directory.close());

  const limit = { name: "DirectoryError", code: "limit" } as const;

  it("end a circle of groups with an error, in whatever way it turns", async () => {
    const table = open(groupTable(host));
    for (const key of ["self", "one", "two"]) await assert.rejects(table.lookup(key), limit);
    assert.deepEqual(await table.lookup("staff"), ["alice@example.org", "bob@example.org"]);
  });

  it("end what would ask for ever with an error", { timeout: 30_000 }, async () => {
    directory.clearOperations();
    await assert.rejects(open(groupTable(host)).lookup("d0"), limit);
    assert(directory.operations.length <= 10_003, String(directory.operations.length));
  });

  it("count values and levels as the file says", async () => {
    const all = ["alice@example.org", "bob@example.org", "testuser2@example.org"];
    assert.deepEqual(await open(groupTable(host, "expansion_limit = 3")).lookup("all"), all);
    await assert.rejects(open(groupTable(host, "expansion_limit = 2")).lookup("all"), limit);
    assert.deepEqual(await open(groupTable(host, "recursion_limit = 3")).lookup("all"), all);
    await assert.rejects(open(groupTable(host, "recursion_limit = 2")).lookup("all"), limit);
    assert.deepEqual(
      await open(groupTable(host, "recursion_limit = 2")).lookup("staff"),
      all.slice(0, 2),
    );
  });

  it("ask the server for no more entries than there may be", async () => {
    const everybody = ["query_filter = (|(mail=%s)(uid=*))", "result_attribute = uid"];
    const three = open(mailTable(host, ...everybody, "size_limit = 3"));
    assert.deepEqual(await three.lookup("x"), ["alice", "bob", "testuser2"]);
    directory.clearOperations();
    await assert.rejects(open(mailTable(host, ...everybody, "size_limit = 2")).lookup("x"), limit);
    assert.deepEqual(
      directory.operations
        .filter(({ operation }) => operation === "search")
        .map(({ sizeLimit }) => sizeLimit),
      [2],
    );
    // Its default.
    await assert.rejects(
      open(mailTable(host, ...everybody, "expansion_limit = 2")).lookup("x"),
      limit,
    );
  });

  it("of the server never make the answer smaller", async () => {
    const strict = await startMailDirectory([], { sizeLimit: 2 });
    const table = open(mailTable(`127.0.0.1:${strict.port}`, "query_filter = (|(mail=%s)(uid=*))"));
    const values = await table.lookup("x").catch((error: unknown) => error);
    if (Array.isArray(values)) assert.deepEqual(values, ["alice", "bob", "testuser2"]);
    else assert.equal((values as { code?: string }).code, "limit");
    await strict.close();
  });

  it("leave no time where timeout is 0", async () => {
    const already = directory.totalConnections;
    const table = open(mailTable(host, "timeout = 0"));
    await assert.rejects(table.lookup("alice@example.org"), {
      name: "DirectoryError",
      code: "timeout",
    });
    assert.equal(directory.totalConnections, already);
  });
});

describe("a key that attacks", () => {
  let directory: TestDirectory;
  let people: LdapTable;
  let below: LdapTable;
  let direct: LdapTable;
  before(async () => {
    directory = await startMailDirectory();
    const host = `127.0.0.1:${directory.port}`;
    const open1 = (...lines: string[]) =>
      ldapTable({ text: mailTable(host, ...lines) }, { log: () => {} });
    people = open1("query_filter = (&(objectClass=inetOrgPerson)(mail=%s))");
    below = open1(
      `search_base = uid=%u,ou=People,${MAIL_BASE}`,
      "query_filter = (uid=%u)",
      "result_attribute = sn",
    );
    direct = open1(
      "special_result_attribute = mail",
      "query_filter = (uid=%s)",
      "result_attribute = cn",
    );
  });
  after(() => Promise.all([people.close(), below.close(), direct.close(), directory.close()]));

  const keys = [
    "*",
    "*@example.org",
    "alice@example.org)(uid=*",
    "x)(|(uid=*)",
    "x))(|(uid=*",
    "alice@example.org)(&",
    "\\2a",
    "alice@example.org\\00",
    "alice@example.org\0",
    "alice@example.org\0)(uid=*",
    "al*e@example.org",
    "alice@example.org,dc=x",
    "%s",
    "%",
  ];
  for (const key of keys) {
    it(`finds nobody: ${JSON.stringify(key)}`, async () => {
      assert.equal(await people.lookup(key), undefined);
    });
  }

  it("stays a value in the filter and below the base, whatever it holds", async () => {
    const letters = fc.constantFrom(...'*()\\&|!=<>~:%@.,;+"# \t\0\n28aliceuid');
    const texts = fc.string({ unit: letters, minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        directory.clearOperations();
        const key = `${text}@x`;
        assert.equal(await people.lookup(key), undefined);
        const found = await below.lookup(key).catch((error: { name: string }) => error.name);
        if (Array.isArray(found)) assert.match(text, /^ *(?:alice|bob|testuser2) *$/);
        for (const { operation, dn, filter } of directory.operations) {
          if (operation !== "search") continue;
          if (dn !== `ou=People,${MAIL_BASE}`) {
            assert(dn.endsWith(`,ou=People,${MAIL_BASE}`), dn);
            assert.match(dn, /^uid=(?:[^,+"\\<>;]|\\[0-9A-F]{2})*,ou=People,/s);
          } else
            assert.match(
              filter ?? "",
              /^\(&\(objectClass=inetOrgPerson\)\(mail=(?:[^()*\\]|\\[0-9a-fA-F]{2})*\)\)$/s,
            );
        }
      }),
      { numRuns: 300 },
    );
  });

  it("can't make the directory's own values into searches elsewhere", async () => {
    // alice's address is no DN.
    await assert.rejects(direct.lookup("alice"), { name: "DirectoryError" });
    assert.equal(await direct.lookup("nobody"), undefined);
  });
});
