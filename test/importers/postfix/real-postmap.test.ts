import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { ConfigError } from "../../../src/errors.ts";
import { readTable } from "../../../src/importers/postfix/read-table.ts";
import { realProgram } from "../../support/real.ts";

const postmap = realProgram("postmap");

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "opened-"));
  mkdirSync(join(folder, "postfix"));
  writeFileSync(join(folder, "postfix", "main.cf"), "myhostname = mail.example.org\n");
});
after(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function write(text: string): string {
  const file = join(folder, `file${++files}`);
  writeFileSync(file, text);
  return file;
}

/** What postmap says of a key on standard error. */
function ask(file: string, key: string): Promise<string> {
  const args = ["-c", join(folder, "postfix"), "-q", key, `ldap:${file}`];
  return new Promise((resolve) => {
    execFile(postmap.path ?? "", args, { timeout: 30_000 }, (_error, _stdout, stderr) => {
      resolve(stderr);
    });
  });
}

// The key is in another domain: a table that opens connects to nothing.
const CLOSED = "domain = elsewhere.example\n";

const TEXTS: readonly string[] = [
  "",
  "foo bar = x\n",
  "=\n",
  " =\n",
  "a\n",
  "a=b=c\n",
  "x = 1\nx = 2\n",
  " server_host = a\n server_port = x\n",
  "server_port = 1\n x\n",
  "# a\n\n \t\r\n",
  "timeout = +5\n",
  "timeout = 2147483647\n",
  "timeout = 2147483648\n",
  "timeout = 0x5\n",
  "timeout =\v5\f\n",
  "timeout = 5\u00a0\n",
  "timeout = 5\r\n",
  "timeout = 5 # seconds\n",
  "version = 1\n",
  "version = 4\n",
  "scope = Sub\n",
  "scope = x\n",
  "bind = None\n",
  "bind = SASL\n",
  "bind = off\n",
  "sasl_minssf = x\n",
  "bind = sasl\nsasl_minssf = x\n",
  "bind = sasl\nsasl_minssf = 4097\n",
  "cache = x\n",
  "cache_size = x\n",
  "recursion_limit = 0\n",
  "expansion_limit = x\n",
  "query_filter = %\n",
  "query_filter = %%\n",
  "query_filter = %s%9\n",
  "search_base = %0\n",
  "result_format = %\u00e9\n",
  "result_format = %s\nresult_filter =\n",
  "result_format = %s\nresult_filter = %x\n",
  "result_attribute =\nspecial_result_attribute =\n",
  "tls_require_cert = YES\n",
  "tls_require_cert = never\n",
  "\uFEFFscope =\n",
];

describe("readTable and the real postmap", { skip: postmap.skip }, () => {
  it("open the same texts", async () => {
    const answers = await Promise.all(
      TEXTS.map(async (text) => [text, await ask(write(CLOSED + text), "a@b.c")] as const),
    );
    for (const [text, answer] of answers) {
      let error: unknown;
      try {
        readTable({ text: CLOSED + text });
      } catch (thrown) {
        error = thrown;
      }
      const isRefused = error instanceof ConfigError;
      assert.equal(isRefused, answer.includes("fatal: "), `${JSON.stringify(text)}: ${answer}`);
    }
  });

  it("understand the same lists of domains", async () => {
    const inner = write("d.org !e.org\n");
    const outer = write(`# a.org\nb.org,\tc.org # x.org\r\n!f.org\n${inner}\n  # g.org\n`);
    const lists = [
      "a.org, !b.org B.ORG !a.org",
      "!a.org a.org b.org",
      "!!a.org",
      ".a.org *",
      "[a.org]",
      `f.org ${outer} e.org x.org g.org`,
      `!${outer} f.org e.org b.org x.org`,
    ];
    const domains = ["a.org", "b.org", "c.org", "d.org", "e.org", "f.org", "g.org", "x.org"];
    const cases = lists.map((list) => {
      // A server that is nobody's: only what is to be looked up finds that out.
      const text = `server_host = ldapi://%2Fnone%2Fsuch\ndomain = ${list}\n`;
      return { list, file: write(text), found: readTable({ text }).domains ?? [] };
    });
    const answers = cases.flatMap(({ list, file, found }) =>
      domains.map(async (domain) => ({
        about: `${list}: ${domain}`,
        isIn: (await ask(file, `x@${domain}`)).includes("query error"),
        expected: found.includes(domain),
      })),
    );
    for (const { about, isIn, expected } of await Promise.all(answers)) {
      assert.equal(expected, isIn, about);
    }
  });
});
