import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { ConfigError } from "../../../src/errors.ts";
import { readTable, type TableSource } from "../../../src/importers/postfix/read-table.ts";
import type { TableSettings } from "../../../src/tables/table-settings.ts";

/** The file of the blog post on suspended accounts. */
const BLOG = `server_host = ldap://localhost
search_base = ou=People,dc=example,dc=org
query_filter = (&(smtpd_sender_restrictions=true)(mail=%s))
result_attribute = uid
result_filter = uid
result_format = REJECT This account is not allowed to send emails, plz talk to abuse@example.org
version = 3
timeout = 5
`;

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "table-"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string | Buffer, mode = 0o600): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

function refusal(source: TableSource): ConfigError {
  let settings: TableSettings;
  try {
    settings = readTable(source);
  } catch (error) {
    assert(error instanceof ConfigError, String(error));
    return error;
  }
  return assert.fail(`it was taken: ${JSON.stringify(settings)}`);
}

const text = (...lines: readonly string[]): TableSource => ({ text: `${lines.join("\n")}\n` });

describe("readTable", () => {
  it("reads the blog post's file as Postfix does", () => {
    const { name, warnings, ...settings } = readTable({ file: write("blog.cf", BLOG) });
    assert.equal(name, join(folder, "blog.cf"));
    assert.deepEqual(warnings, []);
    assert.deepEqual(settings, {
      servers: [{ address: { kind: "tcp", host: "localhost", port: 389 }, security: "none" }],
      timeout: 5_000,
      version: 3,
      bind: { kind: "simple", dn: "", password: "" },
      tls: {
        requireCertificate: false,
        caFile: undefined,
        caDirectory: undefined,
        certFile: undefined,
        keyFile: undefined,
        cipherSuite: undefined,
      },
      searchBase: [{ kind: "text", text: "ou=People,dc=example,dc=org" }],
      scope: "sub",
      queryFilter: [
        { kind: "text", text: "(&(smtpd_sender_restrictions=true)(mail=" },
        { kind: "whole", ofKey: false },
        { kind: "text", text: "))" },
      ],
      resultFormat: [
        {
          kind: "text",
          text: "REJECT This account is not allowed to send emails, plz talk to abuse@example.org",
        },
      ],
      resultAttributes: ["uid"],
      specialResultAttributes: [],
      terminalResultAttributes: [],
      leafResultAttributes: [],
      domains: undefined,
      dereference: "never",
      chaseReferrals: false,
      recursionLimit: 1000,
      expansionLimit: 0,
      sizeLimit: 0,
    });
  });

  it("fills in Postfix's defaults", () => {
    const { servers, timeout, queryFilter, resultFormat, resultAttributes } = readTable({});
    assert.deepEqual(servers, [
      { address: { kind: "tcp", host: "localhost", port: 389 }, security: "none" },
    ]);
    assert.equal(timeout, 10_000);
    assert.deepEqual(queryFilter, [
      { kind: "text", text: "(mailacceptinggeneralid=" },
      { kind: "whole", ofKey: false },
      { kind: "text", text: ")" },
    ]);
    assert.deepEqual(resultFormat, [{ kind: "whole", ofKey: false }]);
    assert.deepEqual(resultAttributes, ["maildrop"]);
  });

  it("reads every parameter, from a file and from an object alike", () => {
    const fromText = readTable({
      name: "ldap table",
      text: `server_host = a b:1390, ldaps://c ldapi://%2Frun%2Fldapi
server_port = 1389
timeout = 3
search_base = ou=%d,dc=x
query_filter = (&(a=%U)
  # a comment within
  (b=%%%2))
result_attribute = a, b c
result_format = %s of %S
result_filter = ignored
domain = Example.ORG other.org
scope = One
bind = Simple
bind_dn = cn=svc
bind_pw = "secret" #1
special_result_attribute = sp1 sp2
terminal_result_attribute = t
leaf_result_attribute = l
recursion_limit = 7
expansion_limit = 5
dereference = 3
chase_referrals = YES
version = 3
tls_ca_cert_file = /ca.pem
tls_ca_cert_dir = /ca
tls_cert = /cert
tls_key = /key
tls_require_cert = yes
tls_random_file = /dev/urandom
tls_cipher_suite = HIGH
`,
    });
    const fromObject = readTable({
      server_host: ["a", "b:1390", "ldaps://c", "ldapi://%2Frun%2Fldapi"],
      server_port: 1389,
      timeout: 3,
      search_base: "ou=%d,dc=x",
      query_filter: "(&(a=%U)  (b=%%%2))",
      result_attribute: ["a", "b", "c"],
      result_format: "%s of %S",
      result_filter: "ignored",
      domain: ["Example.ORG", "other.org"],
      scope: "One",
      bind: true,
      bind_dn: "cn=svc",
      bind_pw: '"secret" #1',
      special_result_attribute: ["sp1", "sp2"],
      terminal_result_attribute: "t",
      leaf_result_attribute: "l",
      recursion_limit: 7,
      expansion_limit: 5,
      dereference: 3,
      chase_referrals: true,
      version: 3,
      tls_ca_cert_file: "/ca.pem",
      tls_ca_cert_dir: "/ca",
      tls_cert: "/cert",
      tls_key: "/key",
      tls_require_cert: true,
      tls_random_file: "/dev/urandom",
      tls_cipher_suite: "HIGH",
    });
    assert.deepEqual(fromObject, fromText);
    const { servers, queryFilter, resultFormat, ...rest } = fromText;
    assert.deepEqual(servers, [
      { address: { kind: "tcp", host: "a", port: 1389 }, security: "none" },
      { address: { kind: "tcp", host: "b", port: 1390 }, security: "none" },
      { address: { kind: "tcp", host: "c", port: 636 }, security: "tls" },
      { address: { kind: "unix", path: "/run/ldapi" }, security: "none" },
    ]);
    assert.deepEqual(queryFilter, [
      { kind: "text", text: "(&(a=" },
      { kind: "local", ofKey: true },
      { kind: "text", text: ")  (b=%" },
      { kind: "label", number: 2 },
      { kind: "text", text: "))" },
    ]);
    assert.deepEqual(resultFormat, [
      { kind: "whole", ofKey: false },
      { kind: "text", text: " of " },
      { kind: "whole", ofKey: true },
    ]);
    assert.deepEqual(rest.bind, { kind: "simple", dn: "cn=svc", password: '"secret" #1' });
    assert.deepEqual(rest.domains, ["example.org", "other.org"]);
    assert.deepEqual(rest.resultAttributes, ["a", "b", "c"]);
    assert.deepEqual(rest.specialResultAttributes, ["sp1", "sp2"]);
    assert.deepEqual(rest.terminalResultAttributes, ["t"]);
    assert.deepEqual(rest.leafResultAttributes, ["l"]);
    assert.deepEqual(
      [rest.scope, rest.dereference, rest.chaseReferrals, rest.recursionLimit],
      ["one", "always", true, 7],
    );
    assert.deepEqual([rest.expansionLimit, rest.sizeLimit], [5, 5]);
    assert.deepEqual(rest.tls, {
      requireCertificate: true,
      caFile: "/ca.pem",
      caDirectory: "/ca",
      certFile: "/cert",
      keyFile: "/key",
      cipherSuite: "HIGH",
    });
  });

  it("takes the last of two, in files with CRLF and odd blanks too", () => {
    const { resultAttributes, warnings } = readTable({
      text: "result_attribute = uid\r\n\r\n \t# note\r\nresult_attribute\t=\tmail \v\r\n",
    });
    assert.deepEqual(resultAttributes, ["mail"]);
    assert.deepEqual(warnings, ["ldap table, line 4: overriding earlier entry: result_attribute"]);
  });

  it("ignores unknown names in a file, and refuses them in an object with a hint", () => {
    assert.deepEqual(readTable(text("Result_attribute = x")).resultAttributes, ["maildrop"]);
    const misspelled: object = { result_atribute: "x" };
    assert.match(refusal(misspelled).message, /did you mean "result_attribute"\?/);
  });

  it("loses the first parameter behind a byte order mark as Postfix does, and says so", () => {
    const file = write("bom.cf", "\uFEFFscope = base\nresult_attribute = uid\n");
    const { scope, resultAttributes, warnings } = readTable({ file });
    assert.deepEqual([scope, resultAttributes], ["sub", ["uid"]]);
    assert.match(warnings.join(), /bom\.cf: a byte order mark hides the first parameter/);
  });

  it("warns of a parameter that a blank has made part of the one above", () => {
    const { bind, warnings } = readTable(text("bind_dn = cn=svc", " bind_pw = secret"));
    assert.deepEqual(bind, { kind: "simple", dn: "cn=svc bind_pw = secret", password: "" });
    assert.deepEqual(warnings, [
      "ldap table, line 1: bind_pw starts with whitespace, and so belongs to the value of bind_dn",
    ]);
  });

  for (const [mode, isShown] of [
    [0o600, false],
    [0o640, true],
    [0o604, true],
  ] as const) {
    it(`${isShown ? "warns" : "says nothing"} of a file with bind_pw and mode ${mode.toString(8)}`, () => {
      const withPassword = write("shown.cf", "bind_dn = cn=svc\nbind_pw = secret\n", mode);
      const { warnings } = readTable({ file: withPassword });
      assert.equal(/holds bind_pw/.test(warnings.join()), isShown);
      assert.doesNotMatch(warnings.join(), /secret/);
      const without = write("open.cf", "bind_dn = cn=svc\n", mode);
      assert.deepEqual(readTable({ file: without }).warnings, []);
    });
  }

  it("warns where bind_pw is shown to others on the way", () => {
    const account = ["bind_dn = cn=svc", "bind_pw = secret"];
    const warnings = (...lines: readonly string[]) =>
      readTable(text(...account, ...lines)).warnings;
    assert.match(
      warnings("server_host = ldap.example.org").join(),
      /ldap\.example\.org in clear text/,
    );
    assert.deepEqual(warnings("server_host = x", "start_tls = yes"), []);
    assert.deepEqual(warnings("server_host = ldaps://x"), []);
    assert.deepEqual(warnings("server_host = localhost 127.0.0.1 ldapi://%2Fx"), []);
  });

  it("limits a timeout that has no end, and keeps 0", () => {
    assert.equal(readTable({ timeout: -1 }).timeout, 600_000);
    assert.equal(readTable({ timeout: 2_000_000_000 }).timeout, 600_000);
    assert.equal(readTable({ timeout: 0 }).timeout, 0);
  });

  it("understands the ways to bind", () => {
    const bind = (value: string) => readTable({ bind: value, bind_dn: "d", bind_pw: "p" }).bind;
    for (const value of ["no", "None"]) assert.deepEqual(bind(value), { kind: "none" });
    for (const value of ["YES", "simple"]) {
      assert.deepEqual(bind(value), { kind: "simple", dn: "d", password: "p" });
    }
    assert.deepEqual(readTable({ bind: "sasl", sasl_mechs: "EXTERNAL" }).bind, {
      kind: "sasl",
      mechanisms: "EXTERNAL",
    });
    assert.equal(refusal({ bind: "sasl", sasl_authz_id: "dn:cn=x" }).option, "sasl_authz_id");
    assert.equal(refusal({ bind: "sasl", sasl_minssf: 56 }).option, "sasl_minssf");
    assert.deepEqual(readTable({ bind: false, sasl_minssf: 56 }).bind, { kind: "none" });
  });

  it("refuses start_tls together with ldaps, which fails in Postfix", () => {
    const { option } = refusal({ server_host: "ldaps://x", start_tls: true });
    assert.equal(option, "server_host");
  });

  for (const host of [
    "::1",
    "ldap://[::1",
    "a:b",
    "a:",
    "ldap://a:70000",
    "ldapi://run",
    "ldap://a%00b",
    "ldap://u@h",
    ",",
  ]) {
    it(`refuses the server ${host}`, () => {
      assert.equal(refusal({ server_host: host }).option, "server_host");
    });
  }

  it("never tells a password", () => {
    const wrong = [
      text("bind_pw = Top-Secret", "bind = Top-Secret"),
      text("bind_pw = Top-Secret", "Top-Secret"),
      text("= Top-Secret"),
      text("bind_pw Top-Secret"),
      text("start_tls = Top-Secret"),
      text("timeout = Top-Secret"),
      text("server_host = ldap://u:Top-Secret@host"),
      text("query_filter = %Top-Secret"),
      { bind_pw: "Top-Secret\0" },
      { bind_pw: "Top-Secret", version: 1 },
    ];
    for (const source of wrong) {
      const { message, option, cause } = refusal(source);
      assert.doesNotMatch(`${message} ${option} ${cause}`, /Top-Secret/);
    }
    const { warnings } = readTable(
      text(" bind_pw = Top-Secret", "a = Top-Secret", "a = b", "scope = x"),
    );
    assert.equal(warnings.length, 3);
    assert.doesNotMatch(warnings.join(), /Top-Secret/);
  });

  it("refuses values of the wrong kind in an object", () => {
    const wrong: readonly object[] = [
      { timeout: 1.5 },
      { timeout: true },
      { start_tls: 1 },
      { bind_pw: 1234 },
      { bind_pw: null },
      { result_attribute: ["a,b"] },
      { result_attribute: ["a", ""] },
      { result_attribute: ["a", 1] },
      { server_host: [] },
      { domain: [] },
      { file: "x", text: "y" },
      { file: "" },
      { text: 1 },
      { text: "", nam: "x" },
    ];
    for (const source of wrong) refusal(source);
    for (const source of [undefined, null, "file.cf", []]) {
      assert.throws(() => readTable(source as unknown as TableSource), ConfigError);
    }
  });

  it("refuses a file that is missing, a folder, and one that is not UTF-8", () => {
    assert.match(refusal({ file: join(folder, "none.cf") }).message, /none\.cf \(ENOENT\)/);
    assert.match(refusal({ file: folder }).message, /EISDIR/);
    assert.match(
      refusal({ file: write("latin1.cf", Buffer.from("a = \xe9", "latin1")) }).message,
      /UTF-8/,
    );
    assert.match(refusal({ text: "scope = sub\0" }).message, /NUL/);
  });

  it("says no or yes to any text, and nothing else", () => {
    const line = fc.oneof(
      fc.string({ unit: "binary" }),
      fc
        .tuple(
          fc.constantFrom("server_host", "domain", "timeout", "query_filter", "bind", "size_limit"),
          fc.string(),
        )
        .map(([name, value]) => `${name} = ${value.replaceAll("/", "")}`),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        try {
          readTable({ text: lines.join("\n") });
        } catch (error) {
          assert(error instanceof ConfigError);
        }
      }),
    );
  });
});
