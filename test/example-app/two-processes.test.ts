import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type ClusteredApp, type Reply, startClusteredApp } from "../support/clustered-app.ts";
import { type Redis, redisServer, startRedis } from "../support/redis.ts";

const MAIN = fileURLToPath(new URL("../../example-app/main.ts", import.meta.url));

/** Waits ten seconds at most: processes start and notice slowly. */
async function becomes(isTrue: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 10_000;
  while (!(await isTrue())) {
    if (performance.now() > end) assert.fail(`never true: ${isTrue}`);
    await wait(50);
  }
}

async function refusesConnections(port: number, host: string): Promise<boolean> {
  const socket = connect(port, host);
  try {
    await once(socket, "connect");
    return false;
  } catch {
    return true;
  } finally {
    socket.destroy();
  }
}

/** The processes that a process has started. */
function childrenOf(parent: number | undefined): readonly number[] {
  return readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const [, ppid] = /\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
      return Number(ppid) === parent ? [Number(pid)] : [];
    } catch {
      return [];
    }
  });
}

describe("the example app as two processes", { skip: redisServer.skip, timeout: 180_000 }, () => {
  let redis: Redis;
  let app: ClusteredApp;
  before(async () => {
    redis = await startRedis();
    app = await startClusteredApp({ REDIS_URL: redis.url });
  });
  after(async () => {
    await app?.close();
    await redis?.close();
  });

  async function signIn(worker: number, username: string): Promise<string> {
    const form = { username, password: `${username}-pw` };
    const { status, cookie } = await app.send(worker, "/login", { form });
    assert.equal(status, 303, username);
    assert(cookie);
    return cookie;
  }

  const isSentToLogin = ({ status, location }: Reply) =>
    status === 303 && location?.startsWith("/login") === true;

  it("has two that answer at one port", async () => {
    assert.deepEqual(await app.workers(), [1, 2]);
  });

  it("knows at each who signed in at the other", async () => {
    const cookie = await signIn(1, "web2");
    assert.equal((await app.send(2, "/reports", { cookie })).status, 200);
    assert.equal((await app.send(2, "/board", { cookie })).status, 403);
    assert(isSentToLogin(await app.send(2, "/reports")));
  });

  it("knows at each who signed out at the other", async () => {
    const cookie = await signIn(1, "web2");
    assert.equal((await app.send(1, "/reports", { cookie })).status, 200);
    assert.equal((await app.send(2, "/logout", { cookie, form: {} })).status, 303);
    assert(isSentToLogin(await app.send(1, "/reports", { cookie })));
    assert(isSentToLogin(await app.send(2, "/reports", { cookie })));
  });

  it("ends at both the sessions of somebody, and nobody else's", async () => {
    const theirs = [await signIn(1, "web1"), await signIn(2, "web1")];
    const other = await signIn(2, "web2");
    const admin = await signIn(1, "web3");
    const sent = await app.send(1, "/sessions", { cookie: admin, form: { username: "web1" } });
    assert.equal(sent.status, 200);
    assert.match(sent.text, /<strong>web1<\/strong>: 2 sessions have ended/);
    for (const cookie of theirs) {
      for (const worker of [2, 1]) {
        assert(isSentToLogin(await app.send(worker, "/canteen", { cookie })));
      }
    }
    for (const worker of [1, 2]) {
      assert.equal((await app.send(worker, "/canteen", { cookie: other })).status, 200);
      assert.equal((await app.send(worker, "/board", { cookie: admin })).status, 200);
    }
    assert.equal((await app.send(2, "/canteen", { cookie: await signIn(2, "web1") })).status, 200);
  });

  it("lets only level 3 end sessions, and only from a page of its own", async () => {
    const victim = await signIn(1, "web1");
    const form = { username: "web1" };
    assert.equal((await app.send(1, "/sessions", { cookie: victim, form })).status, 403);
    const cookie = await signIn(1, "web3");
    for (const headers of [
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { "sec-fetch-site": "none" },
    ]) {
      assert.equal((await app.send(1, "/sessions", { cookie, form, headers })).status, 403);
    }
    assert.equal((await app.send(1, "/sessions", { form })).status, 401);
    assert.equal((await app.send(2, "/canteen", { cookie: victim })).status, 200);
  });

  it("counts wrong passwords together", async () => {
    const guess = (worker: number, password: string) =>
      app.send(worker, "/login", { form: { username: "webmixed", password } });
    for (const worker of [1, 2, 1, 2, 1]) assert.equal((await guess(worker, "no")).status, 401);
    for (const worker of [1, 2]) {
      const { status, retryAfter } = await guess(worker, "webmixed-pw");
      assert.equal(status, 429);
      assert(Number(retryAfter) > 0);
    }
  });

  it("puts another process in the place of one that dies, and nobody is signed out", async () => {
    const cookie = await signIn(1, "web2");
    const before = childrenOf(app.process.pid);
    assert.equal(before.length, 2);
    process.kill(before[0] ?? 0, "SIGKILL");
    await becomes(async () => {
      const now = await app.workers();
      return now.length === 2 && now.includes(3);
    });
    for (const worker of await app.workers()) {
      assert.equal((await app.send(worker, "/reports", { cookie })).status, 200);
    }
  });

  it("answers 503 while Redis is deaf, within seconds, and goes on after", async () => {
    const workers = await app.workers();
    const cookie = await signIn(workers[0] ?? 0, "web2");
    redis.freeze();
    try {
      const began = performance.now();
      const replies = await Promise.all(
        workers.map((worker) => app.send(worker, "/reports", { cookie })),
      );
      for (const { status } of replies) assert.equal(status, 503);
      assert(performance.now() - began < 10_000);
    } finally {
      redis.thaw();
    }
    await becomes(async () => (await app.send(workers[0] ?? 0, "/healthz")).status === 200);
    await becomes(async () => (await app.send(workers[1] ?? 0, "/healthz")).status === 200);
    for (const worker of workers) {
      assert.equal((await app.send(worker, "/reports", { cookie })).status, 200);
    }
  });

  it("answers 503 while Redis is gone, to who is signed in and who wants to be, and goes on after", async () => {
    const workers = await app.workers();
    const cookie = await signIn(workers[0] ?? 0, "web2");
    await redis.kill();
    for (const worker of workers) {
      await becomes(async () => (await app.send(worker, "/healthz")).status === 503);
      const refused = await app.send(worker, "/reports", { cookie });
      assert.equal(refused.status, 503);
      assert.doesNotMatch(refused.text, /redis|ECONN|127\.0\.0\.1/i);
      const form = { username: "web2", password: "web2-pw" };
      assert.equal((await app.send(worker, "/login", { form })).status, 503);
    }
    assert.equal(app.process.exitCode, null);
    await redis.start();
    for (const worker of workers) {
      await becomes(async () => (await app.send(worker, "/healthz")).status === 200);
      // It has forgotten who was signed in.
      assert(isSentToLogin(await app.send(worker, "/reports", { cookie })));
    }
    const again = await signIn(workers[0] ?? 0, "web2");
    assert.equal((await app.send(workers[1] ?? 0, "/reports", { cookie: again })).status, 200);
  });

  it("tells a load balancer whether it can serve, and nobody anything else", async () => {
    const [worker = 0] = await app.workers();
    const { status, text } = await app.send(worker, "/healthz");
    assert.equal(status, 200);
    assert.equal(text, "ok\n");
  });

  it("writes no password, session or secret to standard error, and once that Redis is away", () => {
    const lines = app.errors.split("\n");
    assert.doesNotMatch(app.errors, /web\w+-pw|s%3A|intranet:session:/);
    assert(lines.filter((line) => line.startsWith("Redis is away")).length <= 6, app.errors);
  });

  it("ends with all its processes after SIGTERM, and serves to the end who is being served", async () => {
    const pids = childrenOf(app.process.pid);
    assert.equal(pids.length, 2);
    const { hostname, port } = new URL(app.url);
    const socket = connect(Number(port), hostname);
    const body = "username=web1&password=web1-pw";
    const type = "Content-Type: application/x-www-form-urlencoded";
    const length = `Content-Length: ${body.length}`;
    // The answer to Expect tells that the process has begun with the request.
    const head = ["POST /login HTTP/1.1", "Host: x", type, length, "Expect: 100-continue"];
    socket.write(`${head.join("\r\n")}\r\n\r\n`);
    assert.match(String((await once(socket, "data"))[0]), /^HTTP\/1\.1 100 /);
    const exited = once(app.process, "exit");
    app.process.kill("SIGTERM");
    await becomes(() => refusesConnections(Number(port), hostname));
    assert.equal(app.process.exitCode, null);
    socket.write(body);
    assert.match(String((await once(socket, "data"))[0]), /^HTTP\/1\.1 303 /);
    assert.deepEqual(await exited, [0, null]);
    for (const pid of pids) assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
  });
});

describe("npm start", () => {
  function failure(env: Readonly<Record<string, string>>): string {
    const { status, stderr } = spawnSync(process.execPath, [MAIN], {
      env: { PORT: "0", ...env },
      encoding: "utf8",
      timeout: 30_000,
    });
    assert.equal(status, 1);
    assert.doesNotMatch(stderr, /\n {4}at /);
    return stderr;
  }

  it("says so where several processes would not share anything", () => {
    assert.match(failure({ WORKERS: "2" }), /WORKERS share sessions through Redis: set REDIS_URL/);
    assert.match(failure({ WORKERS: "many" }), /WORKERS is a whole number from 1 to 64/);
    assert.match(failure({ REDIS_URL: "localhost" }), /REDIS_URL is a URL such as redis:/);
  });

  it("says so, and ends, where its workers can't start", () => {
    const env = { WORKERS: "2", REDIS_URL: "redis://127.0.0.1:1", LDAP_URL: "http://x/" };
    assert.match(failure(env), /url/i);
  });
});
