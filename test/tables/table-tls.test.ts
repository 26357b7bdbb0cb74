import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import type { LogRecord } from "../../src/log.ts";
import { ldapTable } from "../../src/open-table.ts";
import type { LdapTable } from "../../src/tables/ldap-table.ts";
import { createCertificateAuthority, type TestDirectory } from "../../src/testing/index.ts";
import { eventually } from "../support/eventually.ts";
import { MAIL_SERVICE, mailTable, startMailDirectory } from "../support/mail-directory.ts";

describe("a table over TLS", () => {
  const authority = createCertificateAuthority();
  const stranger = createCertificateAuthority("cn=Stranger");
  let directory: TestDirectory;
  let folder: string;
  const file = (name: string) => join(folder, name);
  before(async () => {
    const tls = { ...authority.issue({ hosts: ["localhost"] }), ca: authority.cert };
    directory = await startMailDirectory([], { tls });
    folder = await mkdtemp(join(tmpdir(), "table-tls-"));
    const client = authority.issue({ subject: MAIL_SERVICE.dn, hosts: [] });
    await Promise.all([
      writeFile(file("ca.pem"), authority.cert),
      writeFile(file("stranger.pem"), stranger.cert),
      writeFile(file("client.pem"), client.cert),
      writeFile(file("client.key"), client.key),
      mkdir(file("cas")),
    ]);
    // As c_rehash leaves such folders.
    await writeFile(file("cas/README"), "no certificate");
    await mkdir(file("cas/more"));
    await symlink(file("ca.pem"), file("cas/1234abcd.0"));
    await symlink(file("gone.pem"), file("cas/1234abcd.1"));
  });
  after(() => Promise.all([directory.close(), rm(folder, { recursive: true })]));

  let log: LogRecord[] = [];
  const tables: LdapTable[] = [];
  afterEach(async () => {
    await Promise.all(tables.splice(0).map((table) => table.close()));
    await eventually(() => directory.connections === 0);
    directory.clearOperations();
  });

  function lookup(host: string, ...lines: readonly string[]) {
    log = [];
    const text = mailTable(host, ...lines);
    const table = ldapTable({ text }, { log: (record) => log.push(record) });
    tables.push(table);
    return table.lookup("alice@example.org");
  }
  const plain = () => `localhost:${directory.port}`;
  const ldaps = () => `ldaps://localhost:${directory.ldapsPort}`;
  const ways = [
    ["start_tls", () => plain(), "start_tls = yes"],
    ["ldaps", () => ldaps(), "start_tls = no"],
  ] as const;

  for (const [way, host, line] of ways) {
    it(`asks nothing in clear text (${way})`, async () => {
      const ca = `tls_ca_cert_file = ${file("ca.pem")}`;
      assert.deepEqual(await lookup(host(), line, "tls_require_cert = yes", ca), ["alice"]);
      const asked = directory.operations.filter(({ operation }) => operation !== "starttls");
      assert.deepEqual(
        asked.map(({ operation, secure }) => [operation, secure]),
        [
          ["bind", true],
          ["search", true],
        ],
      );
      assert.deepEqual(log, []);
    });

    it(`trusts a folder of authorities (${way})`, async () => {
      const ca = `tls_ca_cert_dir = ${file("cas")}`;
      assert.deepEqual(await lookup(host(), line, "tls_require_cert = yes", ca), ["alice"]);
    });

    it(`takes no certificate of others, or for others, where one is required (${way})`, async () => {
      const tls = { name: "DirectoryError", code: "tls" } as const;
      const required = [line, "tls_require_cert = yes"];
      await assert.rejects(lookup(host(), ...required), tls);
      await assert.rejects(
        lookup(host(), ...required, `tls_ca_cert_file = ${file("stranger.pem")}`),
        tls,
      );
      const elsewhere = host().replace("localhost", "127.0.0.1");
      await assert.rejects(
        lookup(elsewhere, ...required, `tls_ca_cert_file = ${file("ca.pem")}`),
        tls,
      );
      assert(directory.operations.every(({ operation }) => operation === "starttls"));
    });

    it(`takes any where none is required, Postfix's default, and says so once (${way})`, async () => {
      const mend = directory.addFault({ fault: "bad-certificate", certificate: "expired" });
      assert.deepEqual(await lookup(host(), line), ["alice"]);
      mend();
      assert.equal(log.length, 1);
      assert.deepEqual([log[0]?.level, log[0]?.event], ["warn", "table-warning"]);
      assert.match(log[0]?.message ?? "", /tls_require_cert = no: any certificate will do/);
      assert(!log[0]?.message.includes("bind_pw"));
      const account = [`bind_dn = ${MAIL_SERVICE.dn}`, `bind_pw = ${MAIL_SERVICE.password}`];
      assert.deepEqual(await lookup(host(), line, ...account), ["alice"]);
      assert.match(log[0]?.message ?? "", /bind_pw/);
      assert(!JSON.stringify(log).includes(MAIL_SERVICE.password));
    });
  }

  it("never goes on in clear text", async () => {
    for (const fault of [
      "refuse-starttls",
      "close-during-starttls",
      "inject-after-starttls",
    ] as const) {
      const mend = directory.addFault({ fault });
      await assert.rejects(lookup(plain(), "start_tls = yes"), { name: "DirectoryError" });
      mend();
    }
    assert(directory.operations.every(({ operation }) => operation === "starttls"));
  });

  it("speaks to each server of a list as its URL says", async () => {
    const ca = ["tls_require_cert = yes", `tls_ca_cert_file = ${file("ca.pem")}`];
    assert.deepEqual(await lookup(`ldap://localhost:1 ${ldaps()}`, ...ca), ["alice"]);
    assert.equal(directory.operations.at(-1)?.secure, true);
    assert.deepEqual(await lookup(`ldaps://localhost:1 ldap://${plain()}`, ...ca), ["alice"]);
    assert.equal(directory.operations.at(-1)?.secure, false);
    // TLS to a port without it, and the other way round.
    await assert.rejects(
      lookup(`ldaps://${plain()} ldap://localhost:${directory.ldapsPort}`, ...ca),
      { name: "DirectoryError" },
    );
  });

  it("proves who asks with its certificate", async () => {
    const lines = [
      "bind = sasl",
      "sasl_mechs = EXTERNAL",
      `tls_cert = ${file("client.pem")}`,
      `tls_key = ${file("client.key")}`,
    ];
    assert.deepEqual(await lookup(plain(), "start_tls = yes", ...lines), ["alice"]);
    assert.deepEqual(
      directory.operations
        .filter(({ operation }) => operation === "bind")
        .map(({ mechanism, resultCode }) => [mechanism, resultCode]),
      [["EXTERNAL", 0]],
    );
    assert.equal(directory.operations.at(-1)?.who, MAIL_SERVICE.dn.toLowerCase());
    assert.throws(() => lookup(plain(), ...lines), { name: "ConfigError", option: "bind" });
  });

  it("offers the cipher suites that it is told to", async () => {
    const suites = "tls_cipher_suite = ECDHE-ECDSA-AES256-GCM-SHA384";
    assert.deepEqual(await lookup(ldaps(), suites), ["alice"]);
  });
});
