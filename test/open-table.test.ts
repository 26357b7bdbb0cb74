import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { inspect } from "node:util";
import type { LogRecord } from "../src/log.ts";
import { ldapTable } from "../src/open-table.ts";
import type { LdapTable, LdapTableOptions, TableSearch } from "../src/tables/ldap-table.ts";
import type { TestDirectory } from "../src/testing/index.ts";
import { eventually } from "./support/eventually.ts";
import {
  groupTable,
  MAIL_BASE,
  MAIL_SERVICE,
  mailTable,
  startMailDirectory,
} from "./support/mail-directory.ts";

const REJECT = "REJECT This account is not allowed to send emails, plz talk to abuse@example.org";

let directory: TestDirectory;
let folder: string;
before(async () => {
  directory = await startMailDirectory();
  folder = await mkdtemp(join(tmpdir(), "open-table-"));
});
after(() => Promise.all([directory.close(), rm(folder, { recursive: true })]));

let log: LogRecord[] = [];
const tables: LdapTable[] = [];
function open(source: Parameters<typeof ldapTable>[0], options: LdapTableOptions = {}): LdapTable {
  log = [];
  const table = ldapTable(source, { log: (record) => log.push(record), ...options });
  tables.push(table);
  return table;
}
afterEach(async () => {
  await Promise.all(tables.splice(0).map((table) => table.close()));
  directory.clearOperations();
});

describe("the blog's table", () => {
  /** As it stands there, but for the port. */
  const text = (port: number) => `\
server_host = ldap://localhost:${port}
server_port = 389
search_base = ou=People,dc=example,dc=org
query_filter = (&(smtpd_sender_restrictions=true)(mail=%s))
result_attribute = uid
result_filter = uid
result_format = ${REJECT}
version = 3
timeout = 5
`;

  it("rejects who is suspended, and nobody else", async () => {
    const file = join(folder, "ldap-smtpd-sender-restrictions.cf");
    await writeFile(file, text(directory.port));
    const table = open({ file });
    assert.equal(table.name, file);
    assert.deepEqual(await table.lookup("testuser2@example.org"), [REJECT]);
    assert.deepEqual(await table.lookup("TestUser2@Example.ORG"), [REJECT]);
    assert.equal(await table.lookup("alice@example.org"), undefined);
    assert.equal(await table.lookup("nobody@example.org"), undefined);
    assert.deepEqual(log, []);
  });

  it("follows what is changed in the directory", async () => {
    const table = open({ text: text(directory.port) });
    assert.equal(table.name, "ldap table");
    assert.equal(await table.lookup("alice@example.org"), undefined);
    const dn = `uid=alice,ou=People,${MAIL_BASE}`;
    directory.apply(
      `dn: ${dn}\nchangetype: modify\nadd: smtpd_sender_restrictions\nsmtpd_sender_restrictions: true\n-\n`,
    );
    assert.deepEqual(await table.lookup("alice@example.org"), [REJECT]);
    directory.apply(`dn: ${dn}\nchangetype: modify\ndelete: smtpd_sender_restrictions\n-\n`);
    assert.equal(await table.lookup("alice@example.org"), undefined);
  });

  it("is the same as an object", async () => {
    const table = open({
      server_host: [`ldap://localhost:${directory.port}`],
      search_base: `ou=People,${MAIL_BASE}`,
      query_filter: "(&(smtpd_sender_restrictions=true)(mail=%s))",
      result_attribute: ["uid"],
      result_format: REJECT,
      timeout: 5,
    });
    assert.deepEqual(await table.lookup("testuser2@example.org"), [REJECT]);
  });
});

describe("a table", () => {
  const host = () => `127.0.0.1:${directory.port}`;

  it("connects at the first look-up, once for all of them", async () => {
    const already = directory.totalConnections;
    const table = open({ text: mailTable(host()) });
    assert.equal(await table.lookup("@"), undefined);
    const keys = Array.from({ length: 100 }, (_, at) => (at % 2 ? "alice@example.org" : `x${at}`));
    assert.equal(directory.totalConnections, already + 1);
    const found = await Promise.all(keys.map((key) => table.lookup(key)));
    assert.deepEqual(
      found,
      keys.map((key) => (key.startsWith("alice") ? ["alice"] : undefined)),
    );
    assert.equal(directory.totalConnections, already + 1);
    await table.close();
    await eventually(() => directory.connections === 0);
  });

  it("asks nobody about keys that it can't have", async () => {
    const lines = ["query_filter = (&(uid=%u)(mail=*@%d))", "domain = example.org"];
    const table = open({ text: mailTable(host(), ...lines) });
    for (const key of ["", "alice", "@example.org", "alice@", "alice@example.net", "\ud800"]) {
      assert.equal(await table.lookup(key), undefined, key);
    }
    assert.deepEqual(await table.lookup("Alice@EXAMPLE.org"), ["alice"]);
    assert.equal(directory.operations.filter(({ operation }) => operation === "search").length, 1);
  });

  it("has no answer to what is no text", async () => {
    const table = open({ text: mailTable(host()) });
    for (const key of [undefined, null, 1, ["alice@example.org"], { toString: () => "a@b" }]) {
      await assert.rejects(table.lookup(key as never), { name: "DirectoryError", code: "refused" });
    }
  });

  it("folds keys unless that is turned off", async () => {
    const searches: TableSearch[] = [];
    const onSearch = (search: TableSearch) => searches.push(search);
    await open({ text: mailTable(host()) }, { onSearch }).lookup("Straße@X");
    await open({ text: mailTable(host()) }, { onSearch, foldKeys: false }).lookup("Straße@X");
    assert.deepEqual(
      searches.map(({ filter }) => filter),
      ["(mail=strasse@x)", "(mail=Straße@X)"],
    );
  });

  it("tells each search, and no password", async () => {
    const searches: TableSearch[] = [];
    const text = groupTable(
      host(),
      `bind_dn = ${MAIL_SERVICE.dn}`,
      `bind_pw = ${MAIL_SERVICE.password}`,
    );
    const table = open({ text }, { onSearch: (search) => searches.push(search) });
    assert.deepEqual(await table.lookup("staff"), ["alice@example.org", "bob@example.org"]);
    const server = `ldap://${host()}`;
    const attributes = ["mail", "member"];
    const one = { server, scope: "base", filter: "(objectClass=*)", attributes, entries: 1 };
    assert.deepEqual(searches, [
      {
        server,
        base: `ou=Groups,${MAIL_BASE}`,
        scope: "sub",
        filter: "(cn=staff)",
        attributes,
        entries: 1,
      },
      { ...one, base: `uid=alice,ou=People,${MAIL_BASE}` },
      { ...one, base: `uid=bob,ou=People,${MAIL_BASE}` },
    ]);
    assert(!inspect(searches).includes(MAIL_SERVICE.password));
  });

  it("is closed once and for all", async () => {
    const table = open({ text: mailTable(host()) });
    assert.deepEqual(await table.lookup("alice@example.org"), ["alice"]);
    assert.equal(table.close(), table.close());
    await table.close();
    for (const key of ["alice@example.org", ""]) {
      await assert.rejects(table.lookup(key), { name: "DirectoryError", code: "closed" });
    }
  });

  it("ends a look-up that is closed in the midst of it with an error", async () => {
    const unstall = directory.addFault({ fault: "stall", on: "search" });
    const table = open({ text: mailTable(host(), "timeout = 1") });
    const looking = table.lookup("alice@example.org");
    looking.catch(() => {});
    await eventually(() => directory.operations.length > 0);
    await Promise.all([assert.rejects(looking, { name: "DirectoryError" }), table.close()]);
    unstall();
  });

  it("warns of the same thing once, and of what keys hold as well", async () => {
    directory.apply(
      `dn: cn=ghosts,ou=Groups,${MAIL_BASE}\nobjectClass: groupOfNames\ncn: ghosts\nmember: uid=ghost,ou=People,${MAIL_BASE}\n`,
    );
    const table = open({ text: groupTable(host()) });
    for (let round = 0; round < 3; round += 1) {
      assert.equal(await table.lookup("ghosts"), undefined);
      assert.equal(await table.lookup(""), undefined);
    }
    assert.deepEqual(
      log.map(({ level, event, details }) => [level, event, details?.about]),
      [
        ["warn", "table-warning", `uid=ghost,ou=People,${MAIL_BASE}`],
        ["warn", "table-warning", undefined],
      ],
    );
    directory.apply(`dn: cn=ghosts,ou=Groups,${MAIL_BASE}\nchangetype: delete\n`);
  });
});

describe("opening a table", () => {
  const SECRET = "bind-canary-pw";
  const wrong: readonly (readonly [what: string, source: unknown, option: RegExp])[] = [
    ["a file that is not there", { file: "/nonexistent/table.cf" }, /file/],
    ["a line that says nothing", { text: `bind_pw = ${SECRET}\nnonsense` }, /./],
    [
      "a template that is none",
      { text: `bind_pw = ${SECRET}\nquery_filter = (a=%x)` },
      /query_filter/,
    ],
    ["a bind that is none", { text: `bind = ${SECRET}` }, /bind/],
    ["SASL without a proof", { text: `bind = sasl\nbind_pw = ${SECRET}` }, /bind/],
    [
      "SASL of another kind",
      { text: "bind = sasl\nsasl_mechs = GSSAPI\nserver_host = ldapi://%2Fx" },
      /bind/,
    ],
    [
      "no such authority",
      { text: "start_tls = yes\ntls_ca_cert_file = /nonexistent.pem" },
      /tls_ca_cert_file/,
    ],
    [
      "an authority that is none",
      { text: "start_tls = yes\ntls_ca_cert_file = /dev/null" },
      /tls_ca_cert_file/,
    ],
    [
      "no such folder",
      { text: "start_tls = yes\ntls_ca_cert_dir = /nonexistent" },
      /tls_ca_cert_dir/,
    ],
    ["a certificate without a key", { text: "start_tls = yes\ntls_cert = /dev/null" }, /tls_key/],
    ["a key without a certificate", { text: "start_tls = yes\ntls_key = /dev/null" }, /tls_cert/],
    [
      "no such cipher suite",
      { text: "start_tls = yes\ntls_cipher_suite = NONSENSE" },
      /tls_cipher_suite/,
    ],
    ["a parameter that nobody knows", { server_hots: "localhost" }, /server_hots/],
    ["nothing", undefined, /table/],
  ];
  for (const [what, source, option] of wrong) {
    it(`is refused for ${what}, without a password in it`, () => {
      assert.throws(
        () => open(source as never),
        (error: Error & { option?: string }) => {
          assert.equal(error.name, "ConfigError");
          assert.match(`${error.option} ${error.message}`, option);
          assert(!inspect(error).includes(SECRET), inspect(error));
          return true;
        },
      );
    });
  }

  it("is refused for options that it does not have", () => {
    assert.throws(() => open({ text: "" }, { onsearch: () => {} } as never), {
      name: "ConfigError",
      option: "onsearch",
    });
    assert.throws(() => open({ text: "" }, { toString: 1 } as never), {
      name: "ConfigError",
      option: "toString",
    });
    assert.throws(() => open({ text: "" }, { foldKeys: "no" as never }), {
      name: "ConfigError",
      option: "foldKeys",
    });
  });

  it("leaves tls_ parameters alone where no server speaks TLS, as Postfix does", async () => {
    const text = mailTable(
      `127.0.0.1:${directory.port}`,
      "tls_ca_cert_file = /nonexistent.pem",
      "tls_cipher_suite = NONSENSE",
    );
    assert.deepEqual(await open({ text }).lookup("alice@example.org"), ["alice"]);
  });

  it("says once what it does not do as it is told", () => {
    open({ text: "version = 2\nquery_filter = (a=%s)" });
    assert.deepEqual(
      log.map(({ level, event, message }) => [level, event, message]),
      [["warn", "table-warning", "ldap table: protocol version 3 is spoken, not 2"]],
    );
  });
});

describe("the bind of a table", () => {
  const withLines = (...lines: readonly string[]) =>
    open({ text: mailTable(`127.0.0.1:${directory.port}`, ...lines) });
  const binds = () =>
    directory.operations.filter(({ operation }) => operation === "bind").map(({ dn }) => dn);

  it("is the service's", async () => {
    const table = withLines(`bind_dn = ${MAIL_SERVICE.dn}`, `bind_pw = ${MAIL_SERVICE.password}`);
    assert.deepEqual(await table.lookup("alice@example.org"), ["alice"]);
    assert.deepEqual(binds(), [MAIL_SERVICE.dn]);
  });

  it("is an anonymous one where nobody is named, and none where bind is no", async () => {
    assert.deepEqual(await withLines().lookup("alice@example.org"), ["alice"]);
    assert.deepEqual(binds(), [""]);
    const lines = ["bind = no", `bind_dn = ${MAIL_SERVICE.dn}`, "bind_pw = wrong"];
    assert.deepEqual(await withLines(...lines).lookup("alice@example.org"), ["alice"]);
    assert.deepEqual(binds(), [""]);
  });

  it("that is refused is an error, also where anybody may read, and is not tried again at once", async () => {
    const table = withLines(`bind_dn = ${MAIL_SERVICE.dn}`, "bind_pw = wrong-canary");
    for (let round = 0; round < 3; round += 1) {
      await assert.rejects(table.lookup("alice@example.org"), {
        name: "DirectoryError",
        code: "service-account",
        resultCode: 49,
      });
    }
    assert.equal(binds().length, 1);
    assert.deepEqual(
      log.map(({ message, details }) => [message, details?.table, details?.dn]),
      [["The directory refuses the bind of a table.", "ldap table", MAIL_SERVICE.dn]],
    );
    assert(!inspect(log).includes("wrong-canary"));
  });

  const halves: readonly (readonly [what: string, lines: readonly string[]])[] = [
    ["an empty password", [`bind_dn = ${MAIL_SERVICE.dn}`, "bind_pw ="]],
    ["no password", [`bind_dn = ${MAIL_SERVICE.dn}`]],
    ["a password and no name", ["bind_pw = half-canary"]],
  ];
  for (const [what, lines] of halves) {
    it(`with ${what} is an error, and is never sent`, async () => {
      // To this server it would be a success.
      const careless = await startMailDirectory([], { allowUnauthenticatedBind: true });
      const table = open({ text: mailTable(`127.0.0.1:${careless.port}`, ...lines) });
      await assert.rejects(table.lookup("alice@example.org"), {
        name: "DirectoryError",
        code: "service-account",
      });
      assert.deepEqual(
        careless.operations.filter(({ operation }) => operation !== "unbind"),
        [],
      );
      await careless.close();
    });
  }
});
