import assert from "node:assert/strict";
import { pbkdf2Sync } from "node:crypto";
import { after, describe, it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import {
  type CryptPool,
  type CryptPoolOptions,
  openCryptPool,
} from "../../../src/passwords/crypt/crypt-pool.ts";
import type { Hashing } from "../../../src/passwords/crypt/hashing.ts";

const REAL = new URL("../../../src/passwords/crypt/crypt-thread.ts", import.meta.url);

/** A thread's program: `answer` may be called with the hash, `password` says what is to be done. */
function program(body: string): URL {
  const source = `
    import { parentPort, threadId } from "node:worker_threads";
    parentPort.on("message", ({ password }) => {
      const answer = (hash) => parentPort.postMessage(hash);
      ${body}
    });`;
  return new URL(`data:text/javascript,${encodeURIComponent(source)}`);
}

/** Says which thread it was; never ends, ends by itself, throws, or answers nonsense if it is told to. */
const OBEDIENT = program(`
  if (password === "hang") for (;;) {}
  if (password === "exit") process.exit(3);
  if (password === "throw") setImmediate(() => { throw new TypeError("thrown"); });
  else if (password === "nonsense") answer({ ok: true });
  else if (password.startsWith("wait ")) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(password.slice(5)));
    answer("thread " + threadId);
  } else answer("thread " + threadId);
`);

const hashing = (password: string): Hashing => ({ algorithm: "des", password, salt: "ab" });

const opened: CryptPool[] = [];
after(() => Promise.all(opened.map((pool) => pool.close())));

function open(options: Partial<CryptPoolOptions> = {}) {
  const broken: Error[] = [];
  const pool = openCryptPool({
    program: OBEDIENT,
    threads: 2,
    mostWaiting: 200,
    idle: 5_000,
    onBroken: (cause) => broken.push(cause),
    ...options,
  });
  opened.push(pool);
  return { pool, broken };
}

describe("openCryptPool", () => {
  it("hashes what crypt(3) does, in a thread", async () => {
    const { pool, broken } = open({ program: REAL });
    assert.deepEqual(await pool.hash(hashing("test"), 10_000), { ok: true, hash: "abgOeLfPimXQo" });
    assert.deepEqual(broken, []);
  });

  it("does no more at once than it has threads, and does them all", async () => {
    const { pool } = open();
    const all = Array.from({ length: 30 }, () => pool.hash(hashing("wait 2"), 20_000));
    const threads = (await Promise.all(all)).map((answer) => answer.ok && answer.hash);
    assert(!threads.includes(false));
    assert.equal(new Set(threads).size, 2);
  });

  it("turns away those that are too many, at once", async () => {
    const { pool } = open({ threads: 1, mostWaiting: 3 });
    const all = Array.from({ length: 10 }, () => pool.hash(hashing("wait 20"), 20_000));
    const troubles = (await Promise.all(all)).map((answer) => answer.ok || answer.trouble);
    // One is being hashed, three wait.
    assert.deepEqual(troubles, [true, true, true, true, ...Array<string>(6).fill("busy")]);
    assert.equal((await pool.hash(hashing("x"), 10_000)).ok, true);
  });

  it("answers in time whatever it is at, and never runs what has waited for too long", async () => {
    const { pool, broken } = open({ threads: 1 });
    // So that it has started.
    await pool.hash(hashing("x"), 20_000);
    const began = performance.now();
    const hanging = pool.hash(hashing("hang"), 400);
    // Its thread would take the process with it.
    const waiting = pool.hash(hashing("exit"), 200);
    assert.deepEqual(await waiting, { ok: false, trouble: "timeout" });
    assert.deepEqual(await hanging, { ok: false, trouble: "timeout" });
    assert(performance.now() - began < 5_000);
    assert.deepEqual(await pool.hash(hashing("x"), 0), { ok: false, trouble: "timeout" });
    assert.deepEqual(await pool.hash(hashing("x"), Number.NaN), { ok: false, trouble: "timeout" });
    assert.equal((await pool.hash(hashing("x"), 20_000)).ok, true);
    assert.deepEqual(broken, []);
  });

  it("may be given all the time there is", async () => {
    const { pool } = open();
    assert.equal((await pool.hash(hashing("wait 20"), Number.POSITIVE_INFINITY)).ok, true);
  });

  it("replaces a thread that hangs, and the next one gets its turn there", async () => {
    const { pool } = open({ threads: 1 });
    const first = await pool.hash(hashing("x"), 20_000);
    const hanging = pool.hash(hashing("hang"), 100);
    const behind = pool.hash(hashing("x"), 20_000);
    assert.deepEqual(await hanging, { ok: false, trouble: "timeout" });
    const second = await behind;
    assert(first.ok && second.ok);
    assert.notEqual(first.hash, second.hash);
  });

  it("starts no thread in place of one that can't be interrupted until that has ended", async () => {
    const derive = 'pbkdf2Sync("x", "salt", 2_000_000, 64, "sha512")';
    const began = performance.now();
    pbkdf2Sync("x", "salt", 2_000_000, 64, "sha512");
    const took = performance.now() - began;
    const { pool } = open({
      program: program(
        `if (password === "derive") process.getBuiltinModule("node:crypto").${derive};
        answer("");`,
      ),
      threads: 1,
    });
    await pool.hash(hashing("x"), 20_000);
    const given = performance.now();
    const deriving = pool.hash(hashing("derive"), 50);
    const behind = pool.hash(hashing("x"), 20_000);
    assert.deepEqual(await deriving, { ok: false, trouble: "timeout" });
    assert.equal((await behind).ok, true);
    assert(performance.now() - given > took / 2);
  });

  it("uses no thread again that Argon2 has filled much memory of", async () => {
    const { pool, broken } = open({ threads: 1 });
    const threads: unknown[] = [];
    for (const memory of [65_536, 65_536, 65_537, 65_536, 65_537]) {
      const recipe = { type: "id", salt: Buffer.alloc(8), iterations: 1, parallelism: 1 } as const;
      const answer = await pool.hash(
        { algorithm: "argon2", password: "x", ...recipe, memory, size: 32 },
        20_000,
      );
      threads.push(answer.ok && answer.hash);
    }
    const [first, second, third, fourth, fifth] = threads;
    assert.match(String(first), /^thread /);
    assert.deepEqual([second, third], [first, first]);
    assert.notEqual(fourth, first);
    assert.equal(fifth, fourth);
    assert.deepEqual(broken, []);
  });

  for (const [what, expected] of [
    ["exit", /ended with code 3/],
    ["throw", /thrown/],
  ] as const) {
    it(`replaces a thread that dies (${what}), and tells of it`, async () => {
      const { pool, broken } = open({ threads: 1 });
      const dying = pool.hash(hashing(what), 20_000);
      const behind = pool.hash(hashing("x"), 20_000);
      assert.deepEqual(await dying, { ok: false, trouble: "broken" });
      assert.equal((await behind).ok, true);
      assert.equal(broken.length, 1);
      assert.match(String(broken[0]?.message), expected);
    });
  }

  it("takes only text for a hash", async () => {
    const { pool } = open();
    assert.deepEqual(await pool.hash(hashing("nonsense"), 20_000), {
      ok: false,
      trouble: "broken",
    });
    assert.equal((await pool.hash(hashing("x"), 20_000)).ok, true);
  });

  it("goes on after a password that the thread can't hash", async () => {
    const { pool, broken } = open({ program: REAL, threads: 1 });
    const impossible: Hashing = { algorithm: "bcrypt", password: "secret", setting: "no setting" };
    assert.deepEqual(await pool.hash(impossible, 20_000), { ok: false, trouble: "broken" });
    assert.equal((await pool.hash(hashing("test"), 20_000)).ok, true);
    assert.deepEqual(broken, []);
  });

  it("answers where the thread's program is missing, and tells of it", async () => {
    const { pool, broken } = open({ program: new URL("file:///nowhere/crypt-thread.js") });
    const all = Array.from({ length: 5 }, () => pool.hash(hashing("x"), 20_000));
    for (const answer of await Promise.all(all)) {
      assert.deepEqual(answer, { ok: false, trouble: "broken" });
    }
    assert.match(String(broken[0]?.message), /nowhere/);
  });

  it("answers where no thread may be started, and tells of it", async () => {
    const { pool, broken } = open({ program: new URL("https://nowhere.example/thread.js") });
    assert.deepEqual(await pool.hash(hashing("x"), 20_000), { ok: false, trouble: "broken" });
    assert.equal(broken.length, 1);
  });

  it("ends threads that have nothing to do, and starts others", async () => {
    const { pool, broken } = open({ threads: 1, idle: 1 });
    const threads = new Set<string>();
    for (let tries = 0; threads.size < 2 && tries < 100; tries += 1) {
      const answer = await pool.hash(hashing("x"), 20_000);
      assert(answer.ok);
      threads.add(answer.hash);
      await wait(tries);
    }
    assert.equal(threads.size, 2);
    assert.deepEqual(broken, []);
  });

  it("ends what it is at when it is closed, and can be used again", async () => {
    const { pool } = open({ threads: 1 });
    const all = [pool.hash(hashing("hang"), 20_000), pool.hash(hashing("x"), 20_000)];
    await pool.close();
    for (const answer of await Promise.all(all)) {
      assert.deepEqual(answer, { ok: false, trouble: "broken" });
    }
    assert.equal((await pool.hash(hashing("x"), 20_000)).ok, true);
  });

  it("hands neither the environment nor the command line to the thread", async () => {
    const { pool } = open({
      program: program(
        "answer(JSON.stringify([process.env, process.argv.slice(2), process.execArgv]))",
      ),
    });
    assert.deepEqual(await pool.hash(hashing("x"), 20_000), { ok: true, hash: "[{},[],[]]" });
  });
});
