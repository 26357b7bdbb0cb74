import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { ldapTable } from "../../src/open-table.ts";
import type { LdapTable } from "../../src/tables/ldap-table.ts";
import { startDirectory, type TestDirectory } from "../../src/testing/index.ts";
import {
  MAIL_BASE,
  MAIL_SERVICE,
  mailTable,
  startMailDirectory,
} from "../support/mail-directory.ts";

const REMOTE = `ou=Remote,${MAIL_BASE}`;

describe("chase_referrals", () => {
  let other: TestDirectory;
  let directory: TestDirectory;
  before(async () => {
    other = await startDirectory({
      ldif: `dn: ${REMOTE}\nobjectClass: organizationalUnit\nou: Remote\n\ndn: uid=rita,${REMOTE}\nobjectClass: account\nuid: rita\nmail: rita@example.org\n`,
    });
    directory = await startMailDirectory([
      `dn: ${REMOTE}\nobjectClass: referral\nobjectClass: extensibleObject\nou: Remote\nref: ldap://127.0.0.1:${other.port}/${REMOTE}\n`,
    ]);
  });
  after(() => Promise.all([directory.close(), other.close()]));
  const tables: LdapTable[] = [];
  afterEach(async () => {
    await Promise.all(tables.splice(0).map((table) => table.close()));
    other.clearOperations();
  });

  function open(...lines: readonly string[]): LdapTable {
    const host = `127.0.0.1:${directory.port}`;
    const text = mailTable(host, `search_base = ${MAIL_BASE}`, ...lines);
    const table = ldapTable({ text }, { log: () => {} });
    tables.push(table);
    return table;
  }
  const account = [`bind_dn = ${MAIL_SERVICE.dn}`, `bind_pw = ${MAIL_SERVICE.password}`];
  const refused = { name: "DirectoryError", code: "refused", resultCode: 10 } as const;

  it("= no, the default, leaves out what is elsewhere, and fails where all is", async () => {
    const table = open(...account);
    assert.equal(await table.lookup("rita@example.org"), undefined);
    assert.deepEqual(await table.lookup("alice@example.org"), ["alice"]);
    await assert.rejects(open(`search_base = ${REMOTE}`).lookup("rita@example.org"), refused);
    assert.deepEqual(other.operations, []);
  });

  it("= yes goes to no server that the file does not name, and says that it can't tell", async () => {
    const table = open("chase_referrals = yes", ...account);
    for (const key of ["rita@example.org", "alice@example.org"]) {
      await assert.rejects(table.lookup(key), refused);
    }
    await assert.rejects(
      open("chase_referrals = yes", `search_base = ${REMOTE}`).lookup("rita@example.org"),
      refused,
    );
    assert.equal(other.totalConnections, 0);
  });

  it("= yes goes to those that it names", async () => {
    const hosts = `server_host = 127.0.0.1:${directory.port} 127.0.0.1:${other.port}`;
    const table = open("chase_referrals = yes", hosts);
    assert.deepEqual(await table.lookup("rita@example.org"), ["rita"]);
    assert.deepEqual(await table.lookup("alice@example.org"), ["alice"]);
    assert.equal(await table.lookup("nobody@example.org"), undefined);
  });

  it("counts what is elsewhere, too", async () => {
    const hosts = `server_host = 127.0.0.1:${directory.port} 127.0.0.1:${other.port}`;
    const lines = [
      "chase_referrals = yes",
      hosts,
      "query_filter = (|(mail=%s)(mail=alice@example.org))",
    ];
    assert.deepEqual(await open(...lines, "size_limit = 2").lookup("rita@example.org"), [
      "alice",
      "rita",
    ]);
    await assert.rejects(open(...lines, "size_limit = 1").lookup("rita@example.org"), {
      name: "DirectoryError",
      code: "limit",
    });
  });
});
