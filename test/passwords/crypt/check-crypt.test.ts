import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { checkCrypt } from "../../../src/passwords/crypt/check-crypt.ts";
import { md5Crypt } from "../../../src/passwords/crypt/md5-crypt.ts";
import type { CryptKind } from "../../../src/passwords/crypt/read-crypt.ts";

interface Recorded {
  readonly stored: string;
  readonly password: string;
  readonly kind: string;
  readonly why: string;
  readonly ok: boolean;
}

/** What `doveadm pw -t` said. */
const RECORDED = JSON.parse(
  readFileSync(new URL("../../fixtures/dovecot/verify.json", import.meta.url), "utf8"),
) as readonly Recorded[];

const KINDS: Readonly<Record<string, CryptKind>> = {
  CRYPT: "crypt",
  "DES-CRYPT": "des-crypt",
  "MD5-CRYPT": "md5-crypt",
  "SHA256-CRYPT": "sha256-crypt",
  "SHA512-CRYPT": "sha512-crypt",
  "BLF-CRYPT": "blf-crypt",
  ARGON2I: "argon2",
  ARGON2ID: "argon2",
};

const TIMEOUT = 60_000;
const SHA512 =
  "svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1";
const ARGON2 = "$f9oMZFmDnXwg5S2loYu7Mw$PyLHR4bPdDaTxuXfu501rUBH3i5lPo9OlGM9CUQ8N30";
const BCRYPT = "NuwXEtcC5l9VvoMgxWP3m.zCblnan.nRL9ni88yQFcT7qnzyPwmIC";

const reasonOf = async (kind: CryptKind, password: string, data: string): Promise<string> => {
  const check = await checkCrypt(kind, password, data, TIMEOUT);
  return check.ok ? "ok" : check.reason;
};

describe("checkCrypt", () => {
  for (const [scheme, kind] of Object.entries(KINDS)) {
    it(`says of {${scheme}} what doveadm pw -t says`, async () => {
      const prefix = `{${scheme}}`;
      const own = RECORDED.filter(({ stored }) => stored.toUpperCase().startsWith(prefix));
      assert(own.length > 30);
      const verdicts = own.map(async ({ stored, password, ok, why }) => {
        // hash-wasm hashes no empty password; and nobody should have one.
        if (kind === "argon2" && password === "" && ok) return;
        const reason = await reasonOf(kind, password, stored.slice(prefix.length));
        assert.equal(reason === "ok", ok, `${why}: ${stored} ${password}: ${reason}`);
        // A password is refused for being another one, or for what is stored.
        assert(["ok", "mismatch", "malformed", "unknown-scheme"].includes(reason), reason);
      });
      // The queue is bounded.
      for (const verdict of verdicts) await verdict;
      assert(own.some(({ ok }) => ok) && own.some(({ ok }) => !ok));
    });
  }

  // `perl -e 'print crypt("test", $ARGV[0])'`, of libxcrypt.
  for (const data of [
    "$6$a+b=c$7U9Jwt2/KEgpfhQPe0UyOSiXuwhy3SIgK5GgrmXdI3kMD0fzXwpErjeH2zVpuwjtNFzTh9GD2MF9CdC3Azj.S/",
    '$6$a"~b$x8pIbRUgED8Y7nJUbAeI.UO/EieZh6YOXkqmENj.mTIxojlSMj2zcH5nPE6vySSYyF3thxQ0ZOrAl5lI9emkP1',
    "$6$$6QSjyCZ4UTABm7iK56Bu/FSrlxpvZLspm/TLE3/o10bt9Kkf9vk4CzV.eF6R8Xc7oxRO65kpgL.VICoaadDA80",
    "$6$rounds=1000$$vDKCc9rOGoJbVpjMvQImrBCbdha0O.xOzDOISi93TtOhw50y5pfOawbWUBl/.bvAQ9GYV3/rTXJemXg429BHy/",
    "$5$rounds=1000$a{b}$5AT4.dMcMkP5sGcg5InE4EMvqNXMbrRqQ3cNnehGIoD",
    "$1$a+b=$ddSp/ds/v9qqwnyjxL./3/",
    "$1$$whuMjZj.HMFoaTaZRRtkO0",
  ]) {
    it(`takes any salt that crypt(3) takes: ${data.slice(0, 20)}…`, async () => {
      assert.equal(await reasonOf("crypt", "test", data), "ok");
      assert.equal(await reasonOf("crypt", "tesT", data), "mismatch");
    });
  }

  const refused: readonly (readonly [CryptKind, string, string])[] = [
    ["crypt", "", "malformed"],
    ["crypt", "*", "malformed"],
    ["crypt", "!", "malformed"],
    ["crypt", "!!", "malformed"],
    ["crypt", "*LK*", "malformed"],
    ["crypt", "x", "malformed"],
    ["crypt", "test", "malformed"],
    ["crypt", "abgOeLfPimXQ!", "malformed"],
    ["crypt", "!abgOeLfPimXQo", "malformed"],
    ["crypt", "abgOeLfPimXQo\n", "malformed"],
    ["crypt", `$2y$05$${BCRYPT.slice(1)}`, "malformed"],
    ["crypt", `$2y$03$${BCRYPT}`, "malformed"],
    ["crypt", `$2y$32$${BCRYPT}`, "malformed"],
    ["crypt", `$2y$-5$${BCRYPT}`, "malformed"],
    ["crypt", `$2x$05$${BCRYPT}`, "unknown-scheme"],
    ["crypt", `$6$rounds=999$saltstring$${SHA512}`, "malformed"],
    ["crypt", `$6$rounds=-1$saltstring$${SHA512}`, "malformed"],
    ["crypt", `$6$rounds=1e3$saltstring$${SHA512}`, "malformed"],
    ["crypt", `$6$seventeen-letters$${SHA512}`, "malformed"],
    ["crypt", `$5$saltstring$${SHA512}`, "malformed"],
    ["crypt", `$6$rounds=1e3$${SHA512}`, "malformed"],
    ...["a:b", "a;b", "a*b", "a!b", "a\\b", "a b", "a\tb", "ä", "a\0"].map(
      (salt) => ["crypt", `$6$${salt}$${SHA512}`, "malformed"] as const,
    ),
    ["crypt", "$apr1$f0gj$KqLtnbEsW57pHyNdPLGKA1", "unknown-scheme"],
    [
      "crypt",
      "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7",
      "unknown-scheme",
    ],
    ["crypt", "$gy$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX", "unknown-scheme"],
    ["crypt", "$7$CU..../....2Q9obwLhin8qvQl6sisAO/$sc", "unknown-scheme"],
    ["crypt", "_J9..rasmBYk8r9AiWNc", "unknown-scheme"],
    ["crypt", `$argon2id$v=19$m=64,t=1,p=1${ARGON2}`, "unknown-scheme"],
    ["md5-crypt", `$2y$05$${BCRYPT}`, "malformed"],
    ["md5-crypt", "abgOeLfPimXQo", "malformed"],
    ["blf-crypt", "abgOeLfPimXQo", "malformed"],
    ["argon2", "", "malformed"],
    ["argon2", "abgOeLfPimXQo", "malformed"],
    ["argon2", `$argon2d$v=19$m=64,t=1,p=1${ARGON2}`, "unknown-scheme"],
    ["argon2", `$argon2id$v=16$m=64,t=1,p=1${ARGON2}`, "unknown-scheme"],
    ["argon2", `$argon2id$m=64,t=1,p=1${ARGON2}`, "unknown-scheme"],
    ["argon2", `$argon2id$v=19$m=7,t=1,p=1${ARGON2}`, "malformed"],
    ["argon2", `$argon2id$v=19$m=64,t=0,p=1${ARGON2}`, "malformed"],
    ["argon2", `$argon2id$v=19$m=64,t=1,p=9${ARGON2}`, "malformed"],
    ["argon2", `$argon2id$v=19$m=64,t=1,p=1,data=x${ARGON2}`, "malformed"],
    ["argon2", "$argon2id$v=19$m=64,t=1,p=1$c2hvcnQ$PyLHR4bPdDaTxuXfu501rQ", "malformed"],
    ["argon2", "$argon2id$v=19$m=64,t=1,p=1$f9oMZFmDnXwg5S2loYu7Mw$PyLH", "malformed"],
    ["argon2", `$argon2id$v=19$m=64,t=1,p=1${ARGON2}=`, "malformed"],
    // The same salt to who ignores the last bits.
    ["argon2", `$argon2id$v=19$m=64,t=1,p=1${ARGON2.replace("Mw$", "Mx$")}`, "malformed"],
  ];
  for (const [kind, data, reason] of refused) {
    it(`refuses ${JSON.stringify(data)} as ${kind}: ${reason}`, async () => {
      for (const password of ["", "test", "x", data]) {
        assert.equal(await reasonOf(kind, password, data), reason);
      }
    });
  }

  const expensive: readonly (readonly [CryptKind, string])[] = [
    ["crypt", `$2y$15$${BCRYPT}`],
    ["blf-crypt", `$2b$31$${BCRYPT}`],
    ["crypt", `$6$rounds=700001$saltstring$${SHA512}`],
    ["sha512-crypt", `$6$rounds=999999999$saltstring$${SHA512}`],
    ["sha256-crypt", `$5$rounds=9999999999$salt$${SHA512.slice(0, 43)}`],
    ["argon2", `$argon2id$v=19$m=4194304,t=1,p=1${ARGON2}`],
    ["argon2", `$argon2id$v=19$m=262145,t=1,p=1${ARGON2}`],
    ["argon2", `$argon2id$v=19$m=262144,t=5,p=1${ARGON2}`],
    ["argon2", `$argon2i$v=19$m=8,t=9999999999,p=1${ARGON2}`],
    ["argon2", `$argon2i$v=19$m=9999999999,t=9999999999,p=1${ARGON2}`],
    ["argon2", `$argon2id$v=19$m=264,t=1,p=33${ARGON2}`],
  ];
  for (const [kind, data] of expensive) {
    it(`does not begin with ${data.slice(0, 40)}`, async () => {
      const began = process.cpuUsage();
      const { rss } = process.memoryUsage();
      assert.equal(await reasonOf(kind, "test", data), "too-expensive");
      const { user, system } = process.cpuUsage(began);
      assert(user + system < 100_000, `took ${user + system} µs`);
      assert(process.memoryUsage().rss - rss < 64 * 1024 * 1024);
    });
  }

  it("takes no password with a NUL for another one, which bcrypt and DES would", async () => {
    const [data = ""] = ["$2y$05$gyq11ymLz805B03XCLxeEu4EyCGHVS2z/UM6AC0bFIqnBIm9iVIdm"];
    assert.equal(await reasonOf("crypt", "test", data), "ok");
    assert.equal(await reasonOf("crypt", "test\0test", data), "mismatch");
    assert.equal(await reasonOf("crypt", "test", "abgOeLfPimXQo"), "ok");
    assert.equal(await reasonOf("crypt", "test\0", "abgOeLfPimXQo"), "mismatch");
    assert.equal(await reasonOf("crypt", "test\0x", "abgOeLfPimXQo"), "mismatch");
  });

  it("looks at 8 bytes with DES and at 72 with bcrypt, and not at what is longer than crypt(3) takes", async () => {
    const des = RECORDED.find(
      ({ stored, kind, ok }) => ok && kind === "nine" && stored.startsWith("{DES-CRYPT}"),
    );
    const blf = RECORDED.find(
      ({ stored, kind, ok }) => ok && kind === "long80" && stored.startsWith("{BLF-CRYPT}"),
    );
    assert(des && blf);
    const desData = des.stored.slice("{DES-CRYPT}".length);
    assert.equal(await reasonOf("crypt", `${des.password.slice(0, 8)}anything`, desData), "ok");
    assert.equal(await reasonOf("crypt", des.password.slice(0, 7), desData), "mismatch");
    assert.equal(
      await reasonOf("crypt", des.password.slice(0, 8).padEnd(513, "x"), desData),
      "mismatch",
    );
    const blfData = blf.stored.slice("{BLF-CRYPT}".length);
    assert.equal(await reasonOf("crypt", `${blf.password.slice(0, 72)}anything`, blfData), "ok");
    assert.equal(await reasonOf("crypt", blf.password.slice(0, 71), blfData), "mismatch");
  });

  it("does not take an empty password for one that Argon2 can't hash", async () => {
    assert.equal(await reasonOf("argon2", "", `$argon2id$v=19$m=64,t=1,p=1${ARGON2}`), "mismatch");
  });

  it("tells nobody by a quick answer that a password can't be hashed", async () => {
    const argon2 = "$argon2id$v=19$m=8,t=1,p=1$YWFhYWFhYWE$YWFhYWFhYWFhYWFhYWFhYQ";
    for (const [kind, password, data] of [
      ["crypt", "x".repeat(513), "abgOeLfPimXQo"],
      ["crypt", "test\0", "abgOeLfPimXQo"],
      ["argon2", "", argon2],
    ] as const) {
      const unavailable = { ok: false, reason: "unavailable", trouble: "timeout" };
      assert.deepEqual(await checkCrypt(kind, password, data, 0), unavailable);
      const mismatch = { ok: false, reason: "mismatch" };
      assert.deepEqual(await checkCrypt(kind, password, data, 20_000), mismatch);
    }
  });

  it("takes what is hashed instead for nobody's password", async () => {
    const data = md5Crypt("x".repeat(512), "saltsalt", "$1$");
    assert.deepEqual(await checkCrypt("crypt", "x".repeat(512), data, 20_000), { ok: true });
    const longer = await checkCrypt("crypt", "x".repeat(513), data, 20_000);
    assert.deepEqual(longer, { ok: false, reason: "mismatch" });
  });

  it("is unavailable when there is no time", async () => {
    const check = await checkCrypt("crypt", "test", "abgOeLfPimXQo", 0);
    assert.deepEqual(check, { ok: false, reason: "unavailable", trouble: "timeout" });
  });

  it("lets the event loop go on while twenty are checked, and each gets its own answer", async () => {
    const cost12 = "$2y$12$1koFIRboCXmsnBpuU4oMle1H3979Q8PkyYDySfIalUekPaVFJODLW";
    const argon2 =
      "$argon2id$v=19$m=65536,t=3,p=1$/8HmC7oxGtqZFXfoyQhSvg$wYe3hgZCvTsUJHvS8NKwgXETDzXToxmx3cIBPo4Hw48";
    const cases = Array.from({ length: 20 }, (_, index) => ({
      kind: index % 2 === 0 ? ("blf-crypt" as const) : ("argon2" as const),
      password: index % 3 === 0 ? "test" : `test${index}`,
    }));
    // So that the threads have started.
    await reasonOf("crypt", "test", "abgOeLfPimXQo");
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 5);
    const reasons = await Promise.all(
      cases.map(({ kind, password }) =>
        reasonOf(kind, password, kind === "argon2" ? argon2 : cost12),
      ),
    );
    clearInterval(timer);
    delay.disable();
    assert.deepEqual(
      reasons,
      cases.map(({ password }) => (password === "test" ? "ok" : "mismatch")),
    );
    // In this process a single one would take 200 ms and more; other test files run beside this one.
    const milliseconds = delay.percentile(95) / 1e6;
    assert(milliseconds < 100, `the event loop stood still for ${milliseconds} ms`);
    assert(turns > 50, `${turns} turns`);
  });

  it("keeps a process alive until the answer, and no longer", async () => {
    const module = new URL("../../../src/passwords/crypt/check-crypt.ts", import.meta.url).href;
    const source = `
      import { checkCrypt } from ${JSON.stringify(module)};
      const check = await checkCrypt("crypt", "test", "abgOeLfPimXQo", 20_000);
      process.stdout.write(JSON.stringify(check));`;
    const began = performance.now();
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--input-type=module", "--eval", source],
      { cwd: fileURLToPath(new URL("../../..", import.meta.url)), timeout: 30_000 },
    );
    assert.equal(stdout, '{"ok":true}');
    // Threads without work end after ten seconds.
    assert(performance.now() - began < 9_000);
  });

  it("says once, in a warning without the password, that threads are forbidden", async () => {
    const module = new URL("../../../src/passwords/crypt/check-crypt.ts", import.meta.url).href;
    const source = `
      import { checkCrypt } from ${JSON.stringify(module)};
      for (let time = 0; time < 2; time += 1) {
        const check = await checkCrypt("crypt", "s3cret-word", "abgOeLfPimXQo", 20_000);
        process.stdout.write(JSON.stringify(check) + "\\n");
      }`;
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ["--permission", "--allow-fs-read=*", "--input-type=module", "--eval", source],
      { cwd: fileURLToPath(new URL("../../..", import.meta.url)), timeout: 30_000 },
    );
    const unavailable = '{"ok":false,"reason":"unavailable","trouble":"broken"}';
    assert.equal(stdout, `${unavailable}\n${unavailable}\n`);
    assert.equal(stderr.match(/AUTHNZ_LDAP_CRYPT/g)?.length, 1, stderr);
    assert(!stderr.includes("s3cret-word") && !stderr.includes("abgOeLfPimXQo"));
  });
});
