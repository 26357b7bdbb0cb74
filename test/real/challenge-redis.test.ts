import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import express, { type Express } from "express";
import session, { MemoryStore } from "express-session";
import { createClient } from "redis";
import request from "supertest";
import { createProtect } from "../../src/web/protect.ts";
import { cramMd5 } from "../support/challenge-client.ts";
import { type ChallengeRealm, challengeRealm } from "../support/challenge-realm.ts";
import { type Redis, redisServer, startRedis } from "../support/redis.ts";
import { SETTINGS } from "../support/web-app.ts";

const PREFIX = "test:";

async function connectTo(url: string) {
  const client = createClient({ url, socket: { reconnectStrategy: () => 20 } });
  client.on("error", () => {});
  return client.connect();
}

describe("challenges among processes that share a Redis", { skip: redisServer.skip }, () => {
  let redis: Redis;
  let clients: Awaited<ReturnType<typeof connectTo>>[];
  let realm: ChallengeRealm;
  let store: MemoryStore;
  let processes: Express[];

  before(async () => {
    redis = await startRedis();
  });
  after(() => redis?.close());
  beforeEach(async () => {
    realm = challengeRealm();
    store = new MemoryStore();
    clients = [await connectTo(redis.url), await connectTo(redis.url)];
    processes = clients.map(startProcess);
  });
  afterEach(async () => {
    for (const client of clients) client.destroy();
  });

  function startProcess(client: (typeof clients)[number]): Express {
    const app = express();
    // Another object of the same store: what one process knows of it the other one does not.
    const own = Object.assign(new MemoryStore(), {
      get: store.get.bind(store),
      set: store.set.bind(store),
      destroy: store.destroy.bind(store),
    });
    app.use(session({ store: own, secret: "s", resave: false, saveUninitialized: false }));
    const redisSettings = { client, prefix: PREFIX };
    const mechanisms = ["cram-md5"] as const;
    const settings = { ...SETTINGS, throttle: false, redis: redisSettings, mechanisms } as const;
    app.use(createProtect(realm, settings));
    return app;
  }

  async function challenged(app: Express) {
    const { body, headers } = await request(app).get("/login/challenge").expect(200);
    const cookie = String(headers["set-cookie"]).split(";")[0] ?? "";
    const response = cramMd5("web1", "web1-pw", body.challenge);
    return (to: Express) =>
      request(to).post("/login").set("Cookie", cookie).send({ mechanism: "CRAM-MD5", response });
  }

  it("are answered at any of them", async () => {
    const [one, other] = processes;
    assert(one && other);
    const answer = await challenged(one);
    await answer(other).expect(200);
  });

  it("are answered once, however many answers come at the same time", async () => {
    const [one, other] = processes;
    assert(one && other);
    const answer = await challenged(one);
    const all = [one, other, one, other, one, other].map((app) => answer(app));
    const statuses = (await Promise.all(all)).map(({ status }) => status).sort();
    assert.deepEqual(statuses, [200, 401, 401, 401, 401, 401]);
    assert.equal(realm.proofs.length, 1);
  });

  it("are kept apart by the prefix, and forgotten in a few minutes", async () => {
    const [one] = processes;
    const [client] = clients;
    assert(one && client);
    await (await challenged(one))(one).expect(200);
    const keys = (await client.keys(`${PREFIX}challenge:*`)) as string[];
    assert(keys.length >= 1);
    for (const key of keys) {
      const left = Number(await client.pTTL(key));
      assert(left > 120_000 && left <= 240_000, String(left));
    }
  });

  it("let nobody in while Redis is away", async () => {
    const [one] = processes;
    assert(one);
    const answer = await challenged(one);
    await redis.kill();
    const { body } = await answer(one).expect(503);
    assert.equal(body.code, "unavailable");
    assert.deepEqual(realm.proofs, []);
    await redis.start();
  });
});
