import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

const CONFIG = `LDAPCacheTTL 600
ServerName www.example.org
<Location /intranet>
  AuthType Basic
  AuthName Intranet
  AuthBasicProvider ldap
  AuthLDAPURL ldap://localhost/ou=people,dc=domain,dc=org?uid
  AuthLDAPBindDN cn=reader,dc=domain,dc=org
  AuthLDAPBindPassword Top-Secret
  Require ldap-user alice
</Location>
`;

interface Run {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "cli-"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

function run(...args: readonly string[]): Promise<Run> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { timeout: 60_000 }, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ status, stdout, stderr });
    });
  });
}

describe("authnz-ldap import apache", () => {
  it("writes the code to standard output, and what it carried to standard error", async () => {
    const file = write("httpd.conf", CONFIG);
    const { status, stdout, stderr } = await run("import", "apache", file);
    assert.equal(status, 0);
    assert.match(stdout, /protection\.use\("\/intranet", ldap, requireUser\("alice"\), leave\);/);
    assert.match(stderr, /^Carried:$/m);
    assert.match(stderr, /httpd\.conf:3 <Location \/intranet>: AuthType \(line 4\)/);
    assert.match(stderr, /^Not carried:$/m);
    assert.match(stderr, /httpd\.conf:1 LDAPCacheTTL: answers of the directory are not cached/);
    assert.match(stderr, /httpd\.conf:2 ServerName: it has nothing to do with access/);
    assert.doesNotMatch(stdout + stderr, /Top-Secret/);
  });

  it("writes no code with --check", async () => {
    const { status, stdout, stderr } = await run("import", "apache", "--check", write("a", CONFIG));
    assert.equal(status, 0);
    assert.equal(stdout, "");
    assert.match(stderr, /Carried:/);
  });

  it("takes with --check what has no native code, and refuses it without", async () => {
    const file = write("b", '<LocationMatch "^/a">\nRequire all denied\n</LocationMatch>\n');
    assert.equal((await run("import", "apache", "--check", file)).status, 0);
    const { status, stdout, stderr } = await run("import", "apache", file);
    assert.equal(status, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /:1: <LocationMatch>: .*fromApacheConfig/);
  });

  for (const check of [[], ["--check"]]) {
    it(`ends with 1 for what can't be carried ${check.join("")}, and names the line`, async () => {
      const file = write("c", CONFIG.replace("ldap-user", "ldap-foo"));
      const { status, stdout, stderr } = await run("import", "apache", ...check, file);
      assert.equal(status, 1);
      assert.equal(stdout, "");
      assert.match(stderr, /c:10: Require: Unknown Authz provider: ldap-foo/);
      assert.doesNotMatch(stderr, /Top-Secret/);
    });
  }

  it("runs no program for a password, unless it checks", async () => {
    const program = join(folder, "made-by-exec");
    const exec = CONFIG.replace("Top-Secret", `"exec:/usr/bin/touch ${program}"`);
    const file = write("d", exec);
    assert.equal((await run("import", "apache", file)).status, 0);
    assert.equal(existsSync(program), false);
    // It prints nothing, and httpd takes no empty password.
    assert.equal((await run("import", "apache", "--check", file)).status, 1);
    assert.equal(existsSync(program), true);
  });

  it("includes files below --server-root only", async () => {
    write("more.conf", CONFIG);
    const file = write("e", "Include more.conf\n");
    const refused = await run("import", "apache", file);
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /e:1: Include/);
    const { status, stdout } = await run("import", "apache", "--server-root", folder, file);
    assert.equal(status, 0);
    assert.match(stdout, /requireUser\("alice"\)/);
  });

  it("takes relative file names from --server-root, and refuses them without", async () => {
    const text = CONFIG.replace("ldap\n", "ldap file\n  AuthUserFile conf/htpasswd\n");
    const file = write("g", text);
    const without = await run("import", "apache", file);
    assert.equal(without.status, 1);
    assert.match(without.stderr, /g:7: AuthUserFile: .*serverRoot/);
    const { status, stdout } = await run("import", "apache", "--server-root", "/etc/apache2", file);
    assert.equal(status, 0);
    assert.match(stdout, /passwordFile\(\{ file: "\/etc\/apache2\/conf\/htpasswd"/);
  });

  it("passes no control characters on to the terminal", async () => {
    const file = write("f", '<Location "/a\u001b[31m">\nRequire all denied\n</Location>\n');
    const { stderr } = await run("import", "apache", file);
    assert.ok(!stderr.includes("\u001b"));
  });

  it("ends with 2 for a file that can't be read, and for a folder", async () => {
    const none = await run("import", "apache", join(folder, "none"));
    assert.equal(none.status, 2);
    assert.match(none.stderr, /can't read .*none \(ENOENT\)/);
    assert.equal((await run("import", "apache", folder)).status, 2);
  });

  const wrong: readonly (readonly string[])[] = [
    [],
    ["export"],
    ["import", "nginx", "x"],
    ["import", "apache"],
    ["import", "apache", "a", "b"],
    ["import", "apache", "--chek", "a"],
  ];
  for (const args of wrong) {
    it(`ends with 2 and the usage for ${JSON.stringify(args)}`, async () => {
      const { status, stdout, stderr } = await run(...args);
      assert.equal(status, 2);
      assert.equal(stdout, "");
      assert.match(stderr, /Usage: authnz-ldap import apache/);
    });
  }

  it("explains itself with --help", async () => {
    const { status, stdout, stderr } = await run("--help");
    assert.equal(status, 0);
    assert.match(stdout, /^Usage: authnz-ldap import apache/);
    assert.equal(stderr, "");
  });
});
