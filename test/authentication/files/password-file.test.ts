import assert from "node:assert/strict";
import { mkdir, mkdtemp, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openPasswordFile } from "../../../src/authentication/files/password-file.ts";
import { startDeadline } from "../../../src/directory/deadline.ts";
import { ConfigError, DirectoryError } from "../../../src/errors.ts";
import type { LogRecord } from "../../../src/log.ts";

/** Of "file-pw" and of "other-pw". */
const FILE_PW = "$apr1$abcdefgh$Rxoh493z7a9JdxrF6hSlH0";
const OTHER_PW = "{SHA}h+sYo5eVKnRd4dCrZ5zuqNXt86A=";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "authnz-ldap-"));
});
after(() => rm(folder, { recursive: true }));

let files = 0;
async function opened(content: string | Buffer) {
  const path = join(folder, `htpasswd-${files++}`);
  await writeFile(path, content);
  const records: LogRecord[] = [];
  const provider = openPasswordFile(path, { name: "file", log: (one) => void records.push(one) });
  const login = async (username: string, password: string) => {
    const result = await provider.authenticate({ username, password }, startDeadline(1_000));
    return result.outcome;
  };
  return { path, provider, records, login };
}

describe("a password file", () => {
  it("lets in whom it lists, with the right password only", async () => {
    const { provider, login } = await opened(`alice:${FILE_PW}\nbob:${OTHER_PW}:Bob Brown\n`);
    assert.equal(await login("alice", "file-pw"), "granted");
    assert.equal(await login("alice", "other-pw"), "denied");
    assert.equal(await login("bob", "other-pw"), "granted");
    assert.equal(await login("bob", "file-pw"), "denied");
    assert.equal(await login("carol", "file-pw"), "unknown");
    assert.deepEqual(
      await provider.authenticate({ username: "alice", password: "file-pw" }, startDeadline(1_000)),
      {
        outcome: "granted",
        person: { dn: "", username: "alice", provider: "file", attributes: {} },
      },
    );
  });

  it("compares names byte for byte", async () => {
    const { login } = await opened(`alice:${FILE_PW}\nJosé:${FILE_PW}\nà:${FILE_PW}\n`);
    assert.equal(await login("José", "file-pw"), "granted");
    assert.equal(await login("à", "file-pw"), "granted");
    for (const name of ["Alice", "alice ", " alice", "José".normalize("NFD"), "JosÃ©", ""]) {
      assert.equal(await login(name, "file-pw"), "unknown", name);
    }
  });

  it("does not take broken UTF-8 for the replacement character", async () => {
    const latin1 = Buffer.from(`Jos\u00e9:${FILE_PW}\n`, "latin1");
    const { login } = await opened(latin1);
    assert.equal(await login("Jos\ufffd", "file-pw"), "unknown");
    assert.equal(await login("José", "file-pw"), "unknown");
  });

  it("reads lines as httpd does", async () => {
    const { login } = await opened(
      [
        "# alice:file-pw",
        `  # bob:${FILE_PW}`,
        "",
        `  indented:${FILE_PW}  \r`,
        `twice:${FILE_PW}`,
        `twice:${OTHER_PW}`,
        `colons::${FILE_PW}`,
        `joi\\\nned:${FILE_PW}`,
        "nohash",
        "empty:",
        `__proto__:${FILE_PW}`,
        `last:${FILE_PW}`,
      ].join("\n"),
    );
    for (const name of ["indented", "twice", "colons", "joined", "__proto__", "last"]) {
      assert.equal(await login(name, "file-pw"), "granted", name);
      assert.equal(await login(name, "other-pw"), "denied", name);
    }
    for (const name of ["alice", "bob", "# bob", "constructor", "toString", "joi"]) {
      assert.equal(await login(name, "file-pw"), "unknown", name);
    }
    assert.equal(await login("nohash", "nohash"), "denied");
    assert.equal(await login("empty", " "), "denied");
  });

  it("tells once that a hash can't be checked, without showing it", async () => {
    const { login, records } = await opened("plain:file-pw\n");
    assert.equal(await login("plain", "file-pw"), "denied");
    assert.equal(await login("plain", "file-pw"), "denied");
    assert.deepEqual(
      records.map(({ event }) => event),
      ["unusable-hash"],
    );
    assert(!JSON.stringify(records).includes("file-pw"));
  });

  it("takes as long for a hash that can't be checked, and for a name that it lacks, as for a wrong password", async () => {
    // About 250 ms, whichever machine.
    const costly = "$2y$12$yoaZ3Bs8sn5IpaWUdXPSluoIWTTjPnkqPNx4pMKrzxBGQEbcOcEKe";
    const { login, provider } = await opened(`plain:file-pw\ncarol:${costly}\n`);
    const timed = async (ask: () => Promise<unknown>) => {
      const began = performance.now();
      await ask();
      return performance.now() - began;
    };
    await login("carol", "wrong");
    const wrong = await timed(() => login("carol", "wrong"));
    const unusable = await timed(() => login("plain", "wrong"));
    const unknown = await timed(() => provider.decoy(startDeadline(5_000)));
    for (const took of [unusable, unknown]) {
      assert(took > wrong / 3, `${took.toFixed()} ms, and a wrong password ${wrong.toFixed()} ms`);
    }
  });

  it("is read again when it has changed", async () => {
    const { path, provider, login } = await opened(`alice:${FILE_PW}\n`);
    assert.equal(await login("alice", "file-pw"), "granted");
    await writeFile(path, `alice:${OTHER_PW}\n`);
    assert.equal(await login("alice", "file-pw"), "denied");
    assert.equal(await login("alice", "other-pw"), "granted");
    const person = { dn: "", username: "alice", provider: "file", attributes: {} };
    assert.deepEqual(await provider.reread(person, startDeadline(1_000)), { ok: true, person });
    await writeFile(path, `bob:${OTHER_PW}\n`);
    assert.equal(await login("alice", "other-pw"), "unknown");
    const gone = { ok: false, reason: "gone" };
    assert.deepEqual(await provider.reread(person, startDeadline(1_000)), gone);
  });

  it("is read again when another of the same size and date takes its place", async () => {
    // Whole seconds, which every file system and every Node gives back as they are.
    const past = new Date(Math.floor(Date.now() / 1_000) * 1_000 - 3_600_000);
    const { path, login } = await opened(`alice:${FILE_PW}\n`);
    await utimes(path, past, past);
    assert.equal(await login("alice", "file-pw"), "granted");
    const next = `${path}.new`;
    await writeFile(next, `alicf:${FILE_PW}\n`);
    await utimes(next, past, past);
    await rename(next, path);
    assert.equal((await stat(path)).mtimeMs, past.getTime());
    assert.equal(await login("alice", "file-pw"), "unknown");
  });

  it("that is gone, a folder, or too long in a line, lets nobody in and says so", async () => {
    const gone = await opened(`alice:${FILE_PW}\n`);
    assert.equal(await gone.login("alice", "file-pw"), "granted");
    await rm(gone.path);
    const isUnreachable = (error: unknown) =>
      error instanceof DirectoryError && error.code === "unreachable";
    await assert.rejects(gone.login("alice", "file-pw"), isUnreachable);
    await mkdir(gone.path);
    await assert.rejects(gone.login("alice", "file-pw"), isUnreachable);
    const long = await opened(`alice:${FILE_PW}\n${"x".repeat(9_000)}\n`);
    await assert.rejects(long.login("alice", "file-pw"), isUnreachable);
  });

  it("that is not there at start is a mistake of the configuration", () => {
    const log = () => {};
    for (const path of [join(folder, "missing"), folder]) {
      assert.throws(() => openPasswordFile(path, { name: "file", log }), ConfigError);
    }
  });

  it("takes as long for nobody as for a wrong password", async () => {
    const { provider, login } = await opened(
      "alice:$6$rounds=60000$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1\n",
    );
    const timed = async (work: () => Promise<unknown>) => {
      const began = performance.now();
      await work();
      return performance.now() - began;
    };
    await provider.decoy(startDeadline(1_000));
    const wrong = await timed(() => login("alice", "wrong"));
    const nobody = await timed(() => provider.decoy(startDeadline(1_000)));
    assert(nobody > wrong / 3 && nobody < wrong * 3, `${nobody} and ${wrong}`);
  });
});
