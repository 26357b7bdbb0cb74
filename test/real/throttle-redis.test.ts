import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { createClient } from "redis";
import { TooManyTries } from "../../src/authentication/provider.ts";
import { startDeadline } from "../../src/directory/deadline.ts";
import type { LogRecord } from "../../src/log.ts";
import type { RedisClient } from "../../src/web/redis-client.ts";
import { createThrottle, type Throttle } from "../../src/web/throttle.ts";
import {
  FAIL,
  FORGET,
  GIVE_BACK,
  pointsFor,
  STEP_SCRIPT,
  step,
  TAKE,
} from "../../src/web/throttle-count.ts";
import { eventually } from "../support/eventually.ts";
import { type Redis, redisServer, startRedis } from "../support/redis.ts";

const WINDOW = 60_000;
const PREFIX = "test:";

type Client = Awaited<ReturnType<typeof connectTo>>;

/** One process: a throttle of five failures a minute, and what it logs. */
interface Process {
  readonly throttle: Throttle;
  readonly client: Client;
  readonly records: LogRecord[];
}

async function connectTo(url: string) {
  const client = createClient({
    url,
    // The defaults but for the pause: tests do not wait for seconds.
    socket: { reconnectStrategy: () => 20 },
  });
  client.on("error", () => {});
  return client.connect();
}

async function startProcess(url: string, window = WINDOW): Promise<Process> {
  const client = await connectTo(url);
  const records: LogRecord[] = [];
  const throttle = createThrottle(
    { failures: 5, window },
    { log: (record) => records.push(record), redis: { client, prefix: PREFIX } },
  );
  return { throttle, client, records };
}

type Ending = "succeeded" | "failed" | "abandoned";

/** A login of a person by a name, from an address; how it goes once it may. */
async function login(
  { throttle }: Pick<Process, "throttle">,
  ending: Ending,
  { name = "alice", identity = "1", address = "192.0.2.1", milliseconds = 2_000 } = {},
  check: () => Promise<void> = async () => {},
): Promise<Ending | "refused"> {
  const attempt = throttle.begin(name, address);
  if ("retryAfter" in attempt) return "refused";
  const deadline = startDeadline(milliseconds);
  try {
    await attempt.admit(undefined, deadline);
    await attempt.admit(identity, deadline);
    await check();
    attempt[ending]();
    return ending;
  } catch (error) {
    attempt.abandoned();
    if (error instanceof TooManyTries) return "refused";
    throw error;
  }
}

const times = <T>(length: number, make: (i: number) => T): T[] =>
  Array.from({ length }, (_, i) => make(i));

describe("the throttle of two processes with one Redis", { skip: redisServer.skip }, () => {
  let redis: Redis;
  let a: Process;
  let b: Process;

  beforeEach(async () => {
    redis = await startRedis();
    a = await startProcess(redis.url);
    b = await startProcess(redis.url);
  });

  afterEach(async () => {
    a.client.destroy();
    b.client.destroy();
    await redis.close();
  });

  const either = (i: number) => (i % 2 ? a : b);

  it("counts wrong passwords together, and refuses in both", async () => {
    const results: string[] = [];
    for (let i = 0; i < 9; i++) results.push(await login(either(i), "failed"));
    assert.deepEqual(results, [...Array(5).fill("failed"), ...Array(4).fill("refused")]);
    assert.equal(await login(a, "succeeded", { name: "by mail" }), "refused");
    assert.equal(await login(b, "succeeded", { name: "bob", identity: "2" }), "succeeded");
  });

  it("counts guesses at the same time together", async () => {
    let underWay = 0;
    let most = 0;
    const check = async () => {
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setTimeout(resolve, 20));
      underWay--;
    };
    const results = await Promise.all(times(40, (i) => login(either(i), "failed", {}, check)));
    assert.equal(results.filter((result) => result === "failed").length, 5);
    assert(most <= 5, `${most}`);
  });

  it("lets right ones at the same time wait for each other, and all in", async () => {
    const check = () => new Promise<void>((resolve) => setTimeout(resolve, 10));
    const results = await Promise.all(times(24, (i) => login(either(i), "succeeded", {}, check)));
    assert.deepEqual(new Set(results), new Set(["succeeded"]));
  });

  it("lets who waits in one process go on when the places are left in the other", async () => {
    let leave = () => {};
    const held = new Promise<void>((resolve) => {
      leave = resolve;
    });
    let holding = 0;
    const holders = times(5, () =>
      login(a, "abandoned", {}, () => {
        holding++;
        return held;
      }),
    );
    await eventually(() => holding === 5);
    let isIn = false;
    const waiting = login(b, "succeeded", {}, async () => {
      isIn = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert(!isIn);
    leave();
    assert.equal(await waiting, "succeeded");
    await Promise.all(holders);
  });

  it("forgets a person's failures for both after a success in one", async () => {
    for (let i = 0; i < 4; i++) await login(either(i), "failed");
    assert.equal(await login(a, "succeeded"), "succeeded");
    for (let i = 0; i < 4; i++) assert.equal(await login(b, "failed"), "failed");
    assert.equal(await login(a, "succeeded"), "succeeded");
  });

  it("counts nothing of a right login or an outage, and keeps no key for it", async () => {
    for (let i = 0; i < 20; i++) await login(either(i), i % 2 ? "succeeded" : "abandoned");
    await eventually(() => a.client.isReady);
    await a.client.ping();
    await b.client.ping();
    assert.deepEqual(await a.client.keys("*"), []);
  });

  it("keeps digests for names, and nothing for longer than the window", async () => {
    await login(a, "failed", { name: "Alice.Secret@example.org", address: "192.0.2.77" });
    await a.client.ping();
    const keys = await a.client.keys("*");
    assert.equal(keys.length, 3);
    for (const key of keys) {
      assert.match(key, /^test:throttle:[\w-]{43}$/);
      const ttl = await a.client.pTTL(key);
      assert(ttl > 0 && ttl <= WINDOW, `${ttl}`);
    }
  });

  it("says for how long, and lets in again when that is over", async () => {
    const brief = await startProcess(redis.url, 1_000);
    try {
      const other = { name: "carol", identity: "3" };
      for (let i = 0; i < 5; i++) await login(brief, "failed", other);
      const refused = () => "retryAfter" in brief.throttle.begin("carol", undefined);
      await eventually(refused);
      assert.deepEqual(brief.throttle.begin("carol", undefined), { retryAfter: 1 });
      await new Promise((resolve) => setTimeout(resolve, 1_050));
      assert.equal(await login(brief, "succeeded", other), "succeeded");
    } finally {
      brief.client.destroy();
    }
  });

  it("takes its steps in Redis as it does in memory", async () => {
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    for (let run = 0; run < 20; run++) {
      const most = 1 + random(4);
      const points = pointsFor(most);
      let count = 0;
      for (let i = 0; i < 30; i++) {
        const change = [TAKE, TAKE, GIVE_BACK, FAIL, FORGET][random(5)] ?? TAKE;
        const { kept, told } = step(count, change, points);
        const answer = await a.client.eval(STEP_SCRIPT, {
          keys: [`run${run}`],
          arguments: [String(change), "60", String(points), "60"],
        });
        assert(Array.isArray(answer));
        assert.equal(answer[0], told);
        assert.equal(Number((await a.client.get(`run${run}`)) ?? 0), kept);
        count = kept;
      }
    }
  });

  it("counts on in memory when Redis dies, with what this process knew; says so once; and shares again", async () => {
    for (let i = 0; i < 3; i++) await login(a, "failed");
    await redis.kill();
    const began = performance.now();
    const results: string[] = [];
    for (let i = 0; i < 6; i++) results.push(await login(a, "failed"));
    assert.deepEqual(results, ["failed", "failed", ...Array(4).fill("refused")]);
    const other = { name: "bob", identity: "2" };
    for (let i = 0; i < 5; i++) assert.equal(await login(b, "failed", other), "failed");
    assert.equal(await login(b, "failed", other), "refused");
    assert.equal(await login(b, "succeeded", { name: "carol", identity: "3" }), "succeeded");
    assert(performance.now() - began < 3_000);
    for (const { records } of [a, b]) {
      assert.deepEqual(
        records.map(({ event }) => event),
        ["throttle-store-away"],
      );
      assert.match(String(records[0]?.details?.reason), /^[\w-]+$/);
      assert(!JSON.stringify(records).includes(String(redis.port)));
    }

    await redis.start();
    await eventually(() => a.client.isReady && b.client.isReady);
    const dave = { name: "dave", identity: "4" };
    const shares = async () => {
      await login(a, "abandoned", dave);
      return a.records.some(({ event }) => event === "throttle-store-back");
    };
    const end = performance.now() + 3_000;
    while (!(await shares())) assert(performance.now() < end, "never back");
    // What was refused before is still refused where that is known.
    assert.equal(await login(a, "succeeded"), "refused");
    assert.equal(await login(b, "failed", other), "refused");
    for (let i = 0; i < 5; i++) await login(a, "failed", dave);
    const after = performance.now() + 3_000;
    while (!b.records.some(({ event }) => event === "throttle-store-back")) {
      await login(b, "abandoned", { name: "eve", identity: "5" });
      assert(performance.now() < after, "never back");
    }
    assert.equal(await login(b, "failed", dave), "refused");
  });

  it("waits half a second at most for one that does not answer, then does without, and takes no places that nobody knows of", async () => {
    redis.freeze();
    const began = performance.now();
    assert.equal(await login(a, "failed"), "failed");
    for (let i = 0; i < 4; i++) assert.equal(await login(a, "failed"), "failed");
    assert.equal(await login(a, "failed"), "refused");
    assert(performance.now() - began < 1_500);
    redis.thaw();
    const names = await eventuallyKeys(b.client);
    assert.deepEqual(names, []);
    assert.deepEqual(
      a.records.map(({ event, details }) => [event, details?.reason]),
      [["throttle-store-away", "timeout"]],
    );
  });

  it("does not hold a login back for longer than its own time", async () => {
    redis.freeze();
    const began = performance.now();
    await assert.rejects(login(a, "failed", { milliseconds: 50 }), {
      name: "DirectoryError",
      code: "timeout",
    });
    assert(performance.now() - began < 400);
    redis.thaw();
  });

  it("does without one that holds what is no count, or another type", async () => {
    await login(a, "failed");
    await a.client.ping();
    const [first = "", second = "", third = ""] = await a.client.keys("*");
    await a.client.set(first, "garbage");
    await a.client.del(second);
    await a.client.hSet(second, "a", "b");
    await a.client.set(third, "-99999999999999999999");
    const results = new Set<string>();
    for (let i = 0; i < 8; i++) results.add(await login(a, "failed"));
    assert(results.has("refused"));
    assert.equal(a.records[0]?.event, "throttle-store-away");
  });
});

/** The keys, once what was sent before has been worked off. */
async function eventuallyKeys(client: Client): Promise<readonly string[]> {
  let keys: readonly string[] = ["?"];
  const end = performance.now() + 3_000;
  while (keys.length > 0 && performance.now() < end) keys = await client.keys("*");
  return keys;
}

describe("the throttle with something that is no Redis", () => {
  const answers: readonly unknown[] = [
    null,
    undefined,
    "OK",
    42,
    [],
    ["a", "b"],
    [1],
    [1, -1],
    [1, 1e12],
    [-1, 100],
    [0, 100],
    [0.5, 100],
    [Number.NaN, 100],
    new Error("READONLY You can't write against a read only replica."),
  ];

  it("limits as it does alone, whatever it is answered", async () => {
    for (const answer of answers) {
      const client: RedisClient = {
        async sendCommand() {
          if (answer instanceof Error) throw answer;
          return answer;
        },
      };
      const records: LogRecord[] = [];
      const throttle = createThrottle(
        { failures: 5, window: WINDOW },
        { log: (record) => records.push(record), redis: { client, prefix: PREFIX } },
      );
      let failed = 0;
      for (let i = 0; i < 20; i++) {
        if ((await login({ throttle }, "failed")) === "failed") failed++;
      }
      assert.equal(failed, 5, JSON.stringify(answer));
      assert.equal(records[0]?.event, "throttle-store-away", JSON.stringify(answer));
    }
  });
});
