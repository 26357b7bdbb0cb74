import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { ConfigError } from "../../../src/errors.ts";
import { readTable } from "../../../src/importers/postfix/read-table.ts";

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "domains-"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const domains = (domain: string) => readTable({ domain }).domains;

describe("domain =", () => {
  it("is no limit if it is empty, and lets nothing through if it has no words", () => {
    assert.equal(domains(""), undefined);
    assert.deepEqual(domains(","), []);
  });

  it("keeps what the first pattern of a domain says", () => {
    assert.deepEqual(domains("a.org, !b.org B.ORG !a.org"), ["a.org"]);
    assert.deepEqual(domains("!a.org, *"), ["*"]);
    assert.deepEqual(domains("!!a.org"), ["a.org"]);
  });

  it("reads files in place of their names, without comment lines", () => {
    const inner = write("inner", "d.org !e.org\n");
    const outer = write("outer", `# a.org\nb.org,\tc.org\r\n!x.org\n${inner}\n`);
    assert.deepEqual(domains(`f.org ${outer} x.org e.org`), ["f.org", "b.org", "c.org", "d.org"]);
    assert.deepEqual(domains(`!${outer} x.org b.org y.org`), ["x.org", "e.org", "y.org"]);
  });

  it("warns of a comment at the end of a line and ignores it", () => {
    const file = write("comments", "a.org # b.org\n  # c.org\nd.org\n");
    const { domains: found, warnings } = readTable({ domain: file });
    assert.deepEqual(found, ["a.org", "d.org"]);
    assert.equal(warnings.length, 2);
  });

  it("refuses a file that is missing, and files that name each other for ever", () => {
    assert.throws(
      () => domains("/none/such"),
      (error) =>
        error instanceof ConfigError &&
        /domain: can't read \/none\/such \(ENOENT\)/.test(error.message),
    );
    const file = join(folder, "loop");
    writeFileSync(file, `${file}\n`);
    assert.throws(() => domains(file), /more than 10 deep/);
  });

  it("refuses tables, which can't be asked here", () => {
    for (const table of ["hash:/etc/postfix/domains", "!ldap:/x.cf", "a.org inline:{b}"]) {
      assert.throws(
        () => domains(table),
        (error) => error instanceof ConfigError && /type:table/.test(error.message),
        table,
      );
    }
  });
});
