import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { TestDirectory } from "../../src/testing/index.ts";
import { administrator, startFixtureDirectory } from "../support/fixture-directory.ts";
import { realProgram } from "../support/real.ts";

const BASE = "dc=domain,dc=org";
const ALICE = `uid=alice,ou=People,${BASE}`;
const AS_ALICE = ["-D", ALICE, "-w", "alice-pw"];
const AS_ADMIN = ["-D", administrator.dn, "-w", administrator.password];

describe("OpenLDAP's own clients work with the built-in directory", {
  skip: realProgram("ldapsearch").skip,
}, () => {
  let directory: TestDirectory;
  let folder: string;
  before(async () => {
    directory = await startFixtureDirectory({ tls: true });
    folder = await mkdtemp(join(tmpdir(), "ldap-utils-"));
    await writeFile(join(folder, "ca.pem"), directory.ca ?? "");
  });
  after(async () => {
    await directory.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs a client; `input` goes to its standard input. */
  async function run(
    program: string,
    parameters: readonly string[],
    { input = "", url = directory.url, ca = "ca.pem" } = {},
  ): Promise<{ code: number; output: string }> {
    const child = spawn(program, ["-x", "-H", url, ...parameters], {
      // Only these: nobody's ldaprc shall matter.
      env: {
        PATH: "/usr/bin:/usr/local/bin:/bin",
        HOME: folder,
        LDAPTLS_CACERT: join(folder, ca),
      },
      timeout: 20_000,
    });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.stderr.on("data", (chunk) => {
      output += chunk;
    });
    child.stdin.end(input);
    const [code] = await once(child, "close");
    return { code, output };
  }

  it("ldapsearch, over plain, StartTLS and ldaps", async () => {
    const query = ["-LLL", "-b", `ou=web,${BASE}`, "(WebAccess=mywebapp_level_3)", "uid"];
    const ways = [
      run("ldapsearch", query),
      run("ldapsearch", ["-ZZ", ...AS_ALICE, ...query]),
      run("ldapsearch", [...AS_ALICE, ...query], { url: directory.ldapsUrl ?? "" }),
    ];
    for (const { code, output } of await Promise.all(ways)) {
      assert.equal(code, 0, output);
      assert.equal(
        output,
        `dn: uid=web3,ou=web,${BASE}\nuid: web3\n\ndn: uid=webmulti,ou=web,${BASE}\nuid: webmulti\n\n`,
      );
    }
    const secure = directory.operations.filter(({ secure }) => secure);
    assert.ok(secure.some(({ operation }) => operation === "bind"));
  });

  it("ldapsearch refuses a certificate whose authority it does not know", async () => {
    const other = await startFixtureDirectory({ tls: true });
    await writeFile(join(folder, "other.pem"), other.ca ?? "");
    await other.close();
    const { code } = await run("ldapwhoami", ["-ZZ", ...AS_ALICE], { ca: "other.pem" });
    assert.notEqual(code, 0);
    assert.equal(directory.operations.at(-1)?.operation, "starttls");
  });

  it("ldapsearch -E pr= reads page after page", async () => {
    const query = ["-LLL", "-b", BASE, "-E", "pr=7/noprompt", "(uid=*)", "1.1"];
    const { code, output } = await run("ldapsearch", query);
    const whole = await run("ldapsearch", ["-LLL", "-b", BASE, "(uid=*)", "1.1"]);
    const dns = (text: string): readonly string[] => text.match(/^dn:.*$/gm)?.sort() ?? [];
    assert.equal(code, 0);
    assert.ok(dns(output).length > 50);
    assert.deepEqual(dns(output), dns(whole.output));
  });

  it("ldapsearch -z says that the limit was reached", async () => {
    const { code, output } = await run("ldapsearch", ["-z", "3", "-b", BASE, "(uid=*)", "1.1"]);
    assert.equal(code, 4);
    assert.match(output, /numEntries: 3/);
  });

  it("ldapsearch -a follows aliases", async () => {
    const query = ["-LLL", "-b", `ou=al-Staff,${BASE}`, "(uid=sam)", "uid"];
    assert.match((await run("ldapsearch", ["-a", "always", ...query])).output, /^uid: sam$/m);
    assert.equal((await run("ldapsearch", query)).output, "");
  });

  it("ldapcompare", async () => {
    assert.equal((await run("ldapcompare", [ALICE, "title:head of it"])).code, 6);
    assert.equal((await run("ldapcompare", [ALICE, "title:boss"])).code, 5);
    assert.equal((await run("ldapcompare", [ALICE, "mobile:1"])).code, 16);
  });

  it("ldapwhoami, with the password policy's control", async () => {
    assert.equal((await run("ldapwhoami", AS_ALICE)).output, `dn:${ALICE}\n`);
    assert.equal((await run("ldapwhoami", [])).output, "anonymous\n");
    const asked = await run("ldapwhoami", ["-e", "ppolicy", "-D", ALICE, "-w", "wrong"]);
    assert.equal(asked.code, 49);
    directory.addFault({
      fault: "result",
      on: "bind",
      times: 1,
      resultCode: 49,
      passwordPolicy: { error: 1 },
    });
    const locked = await run("ldapwhoami", ["-e", "ppolicy", ...AS_ALICE]);
    assert.match(locked.output, /Account locked/);
  });

  it("ldapadd, ldapmodify, ldapmodrdn and ldapdelete", async () => {
    const dn = `uid=tool,ou=People,${BASE}`;
    const entry = `dn: ${dn}\nobjectClass: inetOrgPerson\nuid: tool\ncn: Tool\nsn: Tool\n`;
    assert.equal((await run("ldapadd", AS_ALICE, { input: entry })).code, 50);
    assert.equal((await run("ldapadd", AS_ADMIN, { input: entry })).code, 0);
    assert.equal((await run("ldapadd", AS_ADMIN, { input: entry })).code, 68);
    const change = `dn: ${dn}\nchangetype: modify\nadd: mail\nmail: tool@domain.org\n`;
    assert.equal((await run("ldapmodify", AS_ADMIN, { input: change })).code, 0);
    assert.equal((await run("ldapmodify", AS_ADMIN, { input: change })).code, 20);
    assert.equal((await run("ldapmodrdn", ["-r", ...AS_ADMIN, dn, "uid=hammer"])).code, 0);
    const renamed = `uid=hammer,ou=People,${BASE}`;
    assert.deepEqual(directory.entry(renamed)?.attributes.get("uid"), ["hammer"]);
    assert.deepEqual(directory.entry(renamed)?.attributes.get("mail"), ["tool@domain.org"]);
    assert.equal((await run("ldapdelete", [...AS_ADMIN, renamed])).code, 0);
    assert.equal((await run("ldapdelete", [...AS_ADMIN, renamed])).code, 32);
  });

  it("ldappasswd sets a password, and makes one up", async () => {
    const dn = `uid=erin,ou=People,${BASE}`;
    assert.equal((await run("ldappasswd", [...AS_ADMIN, "-s", "neu €", dn])).code, 0);
    assert.equal((await run("ldapwhoami", ["-D", dn, "-w", "neu €"])).code, 0);
    assert.equal((await run("ldapwhoami", ["-D", dn, "-w", "erin-pw"])).code, 49);
    const { output } = await run("ldappasswd", [...AS_ADMIN, dn]);
    const made = /^New password: (\S+)$/m.exec(output)?.[1] ?? "";
    assert.equal((await run("ldapwhoami", ["-D", dn, "-w", made])).code, 0);
  });
});
