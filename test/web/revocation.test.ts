import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { RedisStore } from "connect-redis";
import express from "express";
import session, { MemoryStore, type Store } from "express-session";
import { createClient } from "redis";
import request from "supertest";
import { createChanges } from "../../src/authentication/changes.ts";
import { rememberLogins } from "../../src/authentication/remembered-logins.ts";
import { startDeadline } from "../../src/directory/deadline.ts";
import { DirectoryError } from "../../src/errors.ts";
import type { LdapEvent } from "../../src/events.ts";
import { createErrorHandler } from "../../src/web/error-handler.ts";
import { createProtect, type Protect } from "../../src/web/protect.ts";
import type { RedisClient } from "../../src/web/redis-client.ts";
import { createShare } from "../../src/web/share.ts";
import type { WebSettings } from "../../src/web/web-settings.ts";
import { eventually } from "../support/eventually.ts";
import { type FakeRealm, fakeRealm } from "../support/fake-realm.ts";
import { type Redis, redisServer, startRedis } from "../support/redis.ts";
import { SETTINGS } from "../support/web-app.ts";

/** One process, as far as this package goes. */
interface Site {
  readonly protect: Protect;
  readonly realm: FakeRealm;
  readonly events: LdapEvent[];
  readonly app: express.Express;
}

function openSite(
  store: Store,
  options: {
    readonly redis?: RedisClient;
    readonly session?: Partial<WebSettings["session"]>;
  } = {},
): Site {
  const { redis } = options;
  const events: LdapEvent[] = [];
  const realm: FakeRealm = Object.assign(fakeRealm({ timeout: 1_000 }), {
    changes: createChanges(),
    observe: (event: LdapEvent) => void events.push(event),
  });
  const web = {
    ...SETTINGS,
    session: { ...SETTINGS.session, ...options.session },
    ...(redis ? { redis: { client: redis, prefix: "test:" } } : {}),
  };
  const protect = createProtect(realm, web);
  const app = express();
  app.use(session({ store, secret: "s", resave: false, saveUninitialized: false }));
  app.use(protect);
  app.get("/", (req, res) => void res.json(req.authenticated ?? null));
  // Writes its session at the end of a long request, whatever happened meanwhile.
  app.get("/slow", async (req, res) => {
    await new Promise<void>((resolve) => gates.push(resolve));
    Object.assign(req.session, { basket: "full" });
    res.json(null);
  });
  app.use(createErrorHandler(realm, web));
  return { protect, realm, events, app };
}

/** Equal logins are one, as `rememberLogins` has them. */
function sharing(authenticate: FakeRealm["authenticate"]): FakeRealm["authenticate"] {
  const { authenticate: shared } = rememberLogins(
    {
      authenticate,
      changes: createChanges(),
      observe: () => {},
      share: createShare(() => startDeadline(2_000)),
    },
    false,
  );
  return shared;
}

let gates: (() => void)[] = [];

type Client = ReturnType<typeof newClient>;

function newClient({ url }: Redis) {
  const client = createClient({ url, disableOfflineQueue: true });
  client.on("error", () => {});
  return client;
}

async function signIn(site: Site, name = "web1"): Promise<string> {
  const answer = await request(site.app)
    .post("/login")
    .send({ username: name, password: `${name}-pw` })
    .expect(200);
  return String(answer.headers["set-cookie"]).split(";")[0] ?? "";
}

const status = async (site: Site, cookie: string, path = "/") =>
  (await request(site.app).get(path).set("Cookie", cookie).set("Accept", "application/json"))
    .status;

function stored(store: MemoryStore): Promise<number> {
  return new Promise((resolve, reject) => {
    store.all((error, all) => (error ? reject(error) : resolve(Object.keys(all ?? {}).length)));
  });
}

/** Everybody's entry has another name from now on. */
function rename(realm: FakeRealm): void {
  const { reread } = realm;
  realm.reread = async (person, deadline) => {
    const result = await reread({ ...person, username: "web1" }, deadline);
    return result.ok ? { ok: true, person: { ...result.person, username: "web1b" } } : result;
  };
}

/** What holds wherever the index is. `two` are two processes that share a store. */
function endsLogins(open: () => readonly [Site, Site]): void {
  it("ends all sessions of a person, and nobody else's", async () => {
    const [a, b] = open();
    const mine = [await signIn(a), await signIn(a), await signIn(b)];
    const other = await signIn(a, "web3");
    assert(((await a.protect.revoke("WEB1")) ?? 0) >= 2);
    for (const cookie of mine) assert.equal(await status(a, cookie), 401);
    assert.equal(await status(a, other), 200);
    assert.equal(await status(a, await signIn(a)), 200);
  });

  it("ends one that a request under way would write back", async () => {
    const [a] = open();
    const cookie = await signIn(a);
    gates = [];
    const slow = status(a, cookie, "/slow");
    await eventually(() => gates.length === 1);
    await a.protect.revoke("web1");
    for (const go of gates) go();
    assert.equal(await slow, 200);
    assert.equal(await status(a, cookie), 401);
  });

  it("ends one whose login was asked for before, and succeeds after", async () => {
    const [a] = open();
    let go = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    a.realm.before = (what) => (what === "authenticate" ? gate : Promise.resolve());
    const { length } = a.realm.asked;
    const signing = signIn(a);
    await eventually(() => a.realm.asked.length > length);
    await a.protect.revoke("web1");
    go();
    assert.equal(await status(a, await signing), 401);
    a.realm.before = async () => {};
  });

  it("finds who has another name now by that one", async () => {
    const [a] = open();
    const cookie = await signIn(a);
    a.realm.changes?.note({ kind: "anything" });
    rename(a.realm);
    assert.equal(await status(a, cookie), 200);
    assert.equal(await a.protect.revoke("web1b"), 1);
    assert.equal(await status(a, cookie), 401);
  });

  it("ends one that joined an equal login, which was asked for before", async () => {
    const [a] = open();
    a.realm.authenticate = sharing(a.realm.authenticate);
    let go = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    a.realm.before = (what) => (what === "authenticate" ? gate : Promise.resolve());
    const { length } = a.realm.asked;
    const first = signIn(a);
    await eventually(() => a.realm.asked.length > length);
    await a.protect.revoke("web1");
    const second = signIn(a);
    await new Promise((resolve) => setTimeout(resolve, 20));
    go();
    for (const cookie of [await first, await second]) assert.equal(await status(a, cookie), 401);
    a.realm.before = async () => {};
  });

  it("takes names only", async () => {
    const [a] = open();
    for (const name of ["", "  ", undefined, ["web1"], { toString: () => "web1" }]) {
      await assert.rejects(a.protect.revoke(name as never), { name: "ConfigError" });
      assert.throws(() => a.protect.invalidate(name as never), { name: "ConfigError" });
    }
  });
}

describe("revoke, in memory", () => {
  endsLogins(() => {
    const store = new MemoryStore();
    return [openSite(store), openSite(store)];
  });

  it("takes the sessions out of the store, and says how many there were", async () => {
    const store = new MemoryStore();
    const site = openSite(store);
    await signIn(site);
    await signIn(site);
    await signIn(site, "web3");
    assert.equal(await site.protect.revoke("web1"), 2);
    assert.equal(await stored(store), 1);
    assert.equal(await site.protect.revoke("web1"), 0);
    assert.deepEqual(
      site.events.filter(({ type }) => type === "revocation"),
      [2, 0].map((sessions) => ({
        type: "revocation",
        username: "web1",
        reason: "revoked",
        sessions,
      })),
    );
  });

  it("finds who has another name now also where each request reads again", async () => {
    const site = openSite(new MemoryStore(), { session: { revalidateAfter: 0 } });
    const cookie = await signIn(site);
    rename(site.realm);
    for (let n = 0; n < 2; n++) assert.equal(await status(site, cookie), 200);
    assert.equal(await site.protect.revoke("web1b"), 1);
    assert.equal(await status(site, cookie), 401);
  });

  it("leaves nothing in the store for the next process to take", async () => {
    const store = new MemoryStore();
    const cookie = await signIn(openSite(store));
    const reborn = openSite(store);
    await reborn.protect.revoke("web1");
    assert.equal(await status(reborn, cookie), 401);
    assert.equal(await status(openSite(store), cookie), 401);
  });

  it("ends sessions that the process does not know, of a store that outlived another one", async () => {
    const store = new MemoryStore();
    const cookie = await signIn(openSite(store));
    const reborn = openSite(store);
    assert.equal(await status(reborn, cookie), 200);
    assert.equal(await reborn.protect.revoke("web1"), 0);
    assert.equal(await status(reborn, cookie), 401);
  });
});

describe("a change in the directory", () => {
  it("has a session read again at its next request, and only then", async () => {
    const site = openSite(new MemoryStore());
    const cookie = await signIn(site);
    const other = await signIn(site, "web3");
    for (let n = 0; n < 5; n++) assert.equal(await status(site, cookie), 200);
    assert.equal(site.realm.rereads, 0);
    site.realm.changes?.note({
      kind: "entry",
      id: "id-of-web1",
      dn: "uid=web1,ou=web,dc=domain,dc=org",
      classes: ["person"],
    });
    for (let n = 0; n < 3; n++) assert.equal(await status(site, cookie), 200);
    assert.equal(await status(site, other), 200);
    assert.equal(site.realm.rereads, 1);
  });

  it("signs out who is suspended, and tells why", async () => {
    const site = openSite(new MemoryStore());
    const cookie = await signIn(site);
    site.realm.people.delete("web1");
    assert.equal(await status(site, cookie), 200);
    site.realm.changes?.note({ kind: "entry", id: "id-of-web1" });
    const refused = await request(site.app).get("/").set("Cookie", cookie).expect(401);
    const [next = ""] = String(refused.headers["set-cookie"]).split(";");
    const page = await request(site.app).get("/login").set("Cookie", next).expect(200);
    assert.match(page.text, /You have been signed out, because your account has changed\./);
    const revoked = site.events.find(({ type }) => type === "revocation");
    assert.deepEqual(revoked, {
      type: "revocation",
      username: "web1",
      reason: "gone",
      sessions: 1,
    });
  });

  it("of anything has each session read again once in each process", async () => {
    const store = new MemoryStore();
    const [a, b] = [openSite(store), openSite(store)];
    const cookie = await signIn(a);
    for (const site of [a, b]) site.realm.changes?.note({ kind: "anything" });
    for (let n = 0; n < 3; n++) {
      for (const site of [a, b]) assert.equal(await status(site, cookie), 200);
    }
    assert.deepEqual([a.realm.rereads, b.realm.rereads], [1, 1]);
  });

  it("that comes while the answer is under way counts for the next request", async () => {
    const site = openSite(new MemoryStore());
    const cookie = await signIn(site);
    const { changes } = site.realm;
    changes?.note({ kind: "anything" });
    site.realm.before = async (what) => {
      if (what !== "reread" || site.realm.rereads > 1) return;
      changes?.note({ kind: "entry", id: "id-of-web1" });
    };
    assert.equal(await status(site, cookie), 200);
    assert.equal(await status(site, cookie), 200);
    assert.equal(site.realm.rereads, 2);
  });

  it("that can't be looked at is 503, also within staleFor, and no sign-out", async () => {
    const site = openSite(new MemoryStore(), { session: { staleFor: 600_000 } });
    const cookie = await signIn(site);
    site.realm.before = async (what) => {
      if (what === "reread") throw new DirectoryError("away", { code: "unreachable" });
    };
    site.realm.changes?.note({ kind: "anything" });
    assert.equal(await status(site, cookie), 503);
    site.realm.before = async () => {};
    assert.equal(await status(site, cookie), 200);
  });

  it("is not answered by a question that was sent before it", async () => {
    const site = openSite(new MemoryStore());
    const cookie = await signIn(site);
    const { changes } = site.realm;
    let go = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    site.realm.reread = async (person) => {
      const known = site.realm.people.has(person.username);
      if (site.realm.rereads++ === 0) await gate;
      return known ? { ok: true, person } : { ok: false, reason: "gone" };
    };
    changes?.noteName("web1");
    const early = status(site, cookie);
    await eventually(() => site.realm.rereads === 1);
    site.realm.people.delete("web1");
    changes?.noteName("web1");
    assert.equal(await status(site, cookie), 401);
    go();
    assert.equal(await early, 401);
  });

  it("that signs out counts once for all requests of a session that come at once", async () => {
    const site = openSite(new MemoryStore());
    const cookie = await signIn(site);
    site.realm.people.delete("web1");
    site.realm.before = () => new Promise((resolve) => setTimeout(resolve, 30));
    site.realm.changes?.note({ kind: "anything" });
    const all = await Promise.all(Array.from({ length: 10 }, () => status(site, cookie)));
    assert(all.every((one) => one === 401));
    assert.equal(site.events.filter(({ type }) => type === "revocation").length, 1);
  });

  it("is one search for many requests and sessions at once", async () => {
    const site = openSite(new MemoryStore());
    const cookies = await Promise.all([signIn(site), signIn(site), signIn(site)]);
    site.realm.before = () => new Promise((resolve) => setTimeout(resolve, 30));
    site.realm.changes?.note({ kind: "anything" });
    const all = await Promise.all(
      Array.from({ length: 30 }, (_, n) => status(site, cookies[n % 3] ?? "")),
    );
    assert(all.every((one) => one === 200));
    assert.equal(site.realm.rereads, 1);
  });

  it("is what invalidate pretends, each time", async () => {
    const site = openSite(new MemoryStore());
    const cookie = await signIn(site);
    for (const rereads of [1, 2, 3]) {
      site.protect.invalidate("WEB1");
      for (let n = 0; n < 2; n++) assert.equal(await status(site, cookie), 200);
      assert.equal(site.realm.rereads, rereads);
    }
  });
});

describe("revoke, in Redis", { skip: redisServer.skip }, () => {
  let redis: Redis;
  let pair: readonly [Site, Site];
  const clients: Client[] = [];
  before(async () => {
    redis = await startRedis();
    pair = [await openProcess(), await openProcess()];
  });
  after(async () => {
    for (const client of clients) client.destroy();
    await redis.close();
  });

  /** Each process has a connection of its own. */
  async function openProcess(): Promise<Site> {
    const client = newClient(redis);
    await client.connect();
    clients.push(client);
    return openSite(new RedisStore({ client }), { redis: client });
  }

  endsLogins(() => pair);

  it("is seen by the other process at once, also by a request that was under way there", async () => {
    const [a, b] = pair;
    await a.protect.revoke("web1");
    const cookie = await signIn(a);
    assert.equal(await status(b, cookie), 200);
    gates = [];
    const slow = status(b, cookie, "/slow");
    await eventually(() => gates.length === 1);
    assert.equal(await a.protect.revoke("web1"), 1);
    for (const go of gates) go();
    await slow;
    for (const site of [a, b]) assert.equal(await status(site, cookie), 401);
  });

  it("has nothing to do where somebody signed out, which the other process sees at once, too", async () => {
    const [a, b] = pair;
    await a.protect.revoke("web1");
    const cookie = await signIn(a);
    gates = [];
    const slow = status(b, cookie, "/slow");
    await eventually(() => gates.length === 1);
    await request(a.app).post("/logout").set("Cookie", cookie).set("Sec-Fetch-Site", "same-origin");
    for (const go of gates) go();
    await slow;
    for (const site of [a, b]) assert.equal(await status(site, cookie), 401);
    assert.equal(await b.protect.revoke("web1"), 0);
  });

  it("keeps no name, and nothing for ever", async () => {
    const site = await openProcess();
    await signIn(site);
    await site.protect.revoke("web3");
    const [client] = clients;
    assert(client);
    for (const key of await client.keys("test:*")) {
      assert(!key.includes("web"), key);
      assert((await client.ttl(key)) > 0, key);
    }
  });

  it("answers 503 while Redis is away, and lets nobody in meanwhile", async () => {
    const store = new MemoryStore();
    const client = newClient(redis);
    await client.connect();
    clients.push(client);
    const site = openSite(store, { redis: client });
    const cookie = await signIn(site);
    await redis.kill();
    assert.equal(await status(site, cookie), 503);
    await assert.rejects(site.protect.revoke("web1"), { name: "SessionStoreError" });
    await redis.start();
    await eventually(() => client.isReady);
    assert.equal(await status(site, cookie), 200);
  });
});
