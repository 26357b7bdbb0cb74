import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { administrator } from "../support/fixture-directory.ts";
import { realProgram } from "../support/real.ts";
import { bothDirectories, type RunningDirectory } from "../support/real-and-built-in.ts";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

const postmap = realProgram("postmap");

const MORE = `dn: uid=lines,ou=People,dc=domain,dc=org
objectClass: inetOrgPerson
uid: lines
sn: lines
cn: Lines
mail: lines@domain.org
description:: ${Buffer.from("one\ntwo, and three").toString("base64")}
description:: ${Buffer.from("\u001b[31mred").toString("base64")}

dn: uid=m\u00fcller,ou=People,dc=domain,dc=org
objectClass: inetOrgPerson
uid:: ${Buffer.from("m\u00fcller").toString("base64")}
sn: x
cn: Umlaut
mail: mueller@domain.org
`.replace("dn: uid=m\u00fcller,ou=People,dc=domain,dc=org", () => {
  const dn = "uid=m\u00fcller,ou=People,dc=domain,dc=org";
  return `dn:: ${Buffer.from(dn).toString("base64")}`;
});

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "postmap-"));
  mkdirSync(join(folder, "postfix"));
  // A name of its own keeps it from asking the DNS for this machine's.
  writeFileSync(join(folder, "postfix", "main.cf"), "myhostname = mail.example.org\n");
});
after(() => rmSync(folder, { recursive: true, force: true }));

async function run(
  program: string,
  args: readonly string[],
  input: string | Buffer = "",
): Promise<Run> {
  const child = spawn(program, args, { timeout: 60_000 });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  // It may end without having read all.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  await once(child, "close");
  return { status: child.exitCode, stdout, stderr };
}

function ours(args: readonly string[], input?: string | Buffer): Promise<Run> {
  return run(process.execPath, [MAIN, "postmap", ...args], input);
}

function theirs(args: readonly string[], input?: string | Buffer): Promise<Run> {
  return run(postmap.path ?? "", ["-c", join(folder, "postfix"), ...args], input);
}

for (const { name, skip, start } of bothDirectories) {
  describe(`authnz-ldap postmap and ${name}`, { skip }, () => {
    let directory: RunningDirectory;
    before(async () => {
      directory = await start(MORE);
    });
    after(() => directory.close());

    let files = 0;
    function table(...lines: readonly string[]): string {
      const file = join(folder, `${++files}.cf`);
      const all = [
        `server_host = 127.0.0.1:${directory.port}`,
        "search_base = dc=domain,dc=org",
        "query_filter = (uid=%s)",
        "result_attribute = mail",
        ...lines,
      ];
      writeFileSync(file, `${all.join("\n")}\n`, { mode: 0o600 });
      return file;
    }

    it("prints the values, joined by commas, and ends with 0", async () => {
      const { status, stdout, stderr } = await ours(["-q", "alice", table()]);
      assert.equal(stdout, "alice@domain.org,a.adams@domain.org\n");
      assert.deepEqual([status, stderr], [0, ""]);
    });

    it("prints nothing and ends with 1 for what is not found", async () => {
      const { status, stdout, stderr } = await ours(["-q", "nobody", table()]);
      assert.deepEqual([status, stdout, stderr], [1, "", ""]);
    });

    it("shows with -v what was asked and found, and no password", async () => {
      const file = table(
        "result_attribute = description mail",
        "result_format = <%s>",
        `bind_dn = ${administrator.dn}`,
        `bind_pw = ${administrator.password}`,
      );
      const { status, stdout, stderr } = await ours(["-v", "-q", "Lines", `ldap:${file}`]);
      assert.equal(status, 0);
      assert.match(stdout, /<one\ntwo, and three>/);
      assert(stdout.includes("<\u001b[31mred>"));
      for (const shown of [
        `server: ldap://127.0.0.1:${directory.port}`,
        'base: "dc=domain,dc=org", scope sub',
        "filter: (uid=lines)",
        "attributes: description, mail",
        "entries: 1",
        "value: <one\ufffdtwo, and three>",
        "value: <\ufffd[31mred>",
        "value: <lines@domain.org>",
        `warning: ${file}, line 5: overriding earlier entry: result_attribute`,
      ]) {
        assert(stderr.split("\n").includes(`authnz-ldap: ${shown}`), `${shown} in ${stderr}`);
      }
      assert(!`${stdout}${stderr}`.includes(administrator.password));
    });

    it("says why the directory could not answer, and ends with 1", async () => {
      const refused = table(
        "bind_dn = cn=reader,ou=Services,dc=domain,dc=org",
        "bind_pw = Wrong-Secret",
      );
      const { status, stdout, stderr } = await ours(["-v", "-q", "alice", refused]);
      assert.deepEqual([status, stdout], [1, ""]);
      assert.match(
        stderr,
        /^authnz-ldap: fatal: table ldap:.*: query error: .*\(service-account\)$/m,
      );
      assert.doesNotMatch(stderr, /Wrong-Secret/);
    });

    it("answers like the real postmap", { skip: postmap.skip }, async () => {
      const plain = table();
      const values = table("result_attribute = description mail");
      const fixed = table("result_format = REJECT suspended, ask %D");
      const exact = table("query_filter = (exactCode=%s)");
      const limited = table("expansion_limit = 1");
      const elsewhere = table("search_base = dc=nowhere");
      const broken = table("scope =");
      const denied = table("bind_dn = cn=reader,ou=Services,dc=domain,dc=org", "bind_pw = wrong");
      const cases: readonly (readonly [readonly string[], (string | Buffer)?])[] = [
        [["-q", "alice", plain]],
        [["-q", "ALICE", plain]],
        [["-q", " alice ", plain]],
        [["-q", "nobody", plain]],
        [["-q", "", plain]],
        [["-q", "*", plain]],
        [["-q", "alice)(uid=*", plain]],
        [["-q", "a\\6cice", plain]],
        [["-q", "M\u00dcLLER", plain]],
        [["-q", "lines", values]],
        [["-q", "alice@x.org", fixed]],
        [["-q", "alice", fixed]],
        [["-q", "CaseMatters", exact]],
        [["-f", "-q", "CaseMatters", exact]],
        [["-fq", "CaseMatters", exact]],
        [["-fqCaseMatters", exact]],
        [["-q", "-f", plain]],
        [["-q", "alice", limited]],
        [["-q", "lines", limited]],
        [["-q", "alice", elsewhere]],
        [["-q", "alice", broken]],
        [["-q", "alice", denied]],
        [["-q", "alice", join(folder, "none.cf")]],
        [["-q", "-", plain], "alice\nnobody\n\nlines\r\n bob \nTestuser2"],
        [["-q", "-", plain], "nobody\n"],
        [["-q", "-", plain], ""],
        [["-q", "-", plain], Buffer.from("al\xefce\nalice\nbob\0by\n", "latin1")],
        [["-q", "-", "-f", exact], "casematters\nCaseMatters\n"],
      ];
      const differences: unknown[] = [];
      for (const [args, input] of cases) {
        const [real, own] = await Promise.all([
          theirs([...args.slice(0, -1), `ldap:${args.at(-1)}`], input),
          ours(args, input),
        ]);
        const isSame = real.status === own.status && real.stdout === own.stdout;
        if (!isSame) differences.push({ args, input, real, own });
      }
      assert.deepEqual(differences, []);
    });
  });
}

describe("authnz-ldap postmap", () => {
  it("ends with 1 and names file and line for a table that can't be opened", async () => {
    const file = join(folder, "wrong.cf");
    writeFileSync(file, "bind_pw = Top-Secret\nbind = perhaps\n");
    const { status, stdout, stderr } = await ours(["-q", "x", file]);
    assert.deepEqual([status, stdout], [1, ""]);
    assert.match(stderr, /^authnz-ldap: fatal: .*wrong\.cf, line 2: bind: /);
    assert.doesNotMatch(stderr, /Top-Secret/);
  });

  it("ends with 1 where no server answers", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await new Promise((resolve) => server.close(resolve));
    const file = join(folder, "dead.cf");
    writeFileSync(file, `server_host = 127.0.0.1:${port}\n`);
    const { status, stdout, stderr } = await ours(["-q", "x", file]);
    assert.deepEqual([status, stdout], [1, ""]);
    assert.match(stderr, /query error: .*\(unreachable\)/);
  });

  it("passes no control characters of a file's name on to the terminal", async () => {
    const { stderr } = await ours(["-q", "x", join(folder, "\u001b[31m\u009bnone.cf")]);
    assert.match(stderr, /ENOENT/);
    assert(!stderr.includes("\u001b") && !stderr.includes("\u009b"));
  });

  const wrong: readonly (readonly string[])[] = [
    [],
    ["-q"],
    ["-q", "key"],
    ["-q", "key", ""],
    ["-q", "a", "-q", "b", "file"],
    ["-q", "key", "file", "file"],
    ["file"],
    ["-s", "file"],
    ["-vx", "-q", "key", "file"],
    ["--key", "key", "file"],
  ];
  for (const args of wrong) {
    it(`ends with 2 and the usage for ${JSON.stringify(args)}`, async () => {
      const { status, stdout, stderr } = await ours(args);
      assert.deepEqual([status, stdout], [2, ""]);
      assert.match(stderr, /authnz-ldap postmap \[-v\] \[-f\] -q KEY FILE\.cf/);
    });
  }

  it("explains itself with --help, but not where that is the key", async () => {
    const help = await ours(["--help"]);
    assert.equal(help.status, 0);
    assert.match(help.stdout, /^Usage: /);
    const { status, stderr } = await ours(["-q", "--help", join(folder, "none.cf")]);
    assert.equal(status, 1);
    assert.match(stderr, /ENOENT/);
  });
});
