import assert from "node:assert/strict";
import { it, mock } from "node:test";
import type { ErrorRequestHandler, RequestHandler } from "express";
import { MemoryStore, type SessionData } from "express-session";
import request from "supertest";
import { DirectoryError } from "../../src/errors.ts";
import { fakeRealm } from "../support/fake-realm.ts";
import { onEachExpress, SETTINGS, signedIn, webApp } from "../support/web-app.ts";

const LOGIN = { username: "web1", password: "web1-pw" };
const always = { ...SETTINGS.session, revalidateAfter: 0 };

/** Runs with a clock that only moves by hand; timers are left alone. */
async function withClock(run: (pass: (milliseconds: number) => void) => Promise<void>) {
  mock.timers.enable({ apis: ["Date"], now: Date.now() });
  try {
    await run((milliseconds) => mock.timers.tick(milliseconds));
  } finally {
    mock.timers.reset();
  }
}

onEachExpress("a session", (createExpress) => {
  it("ends when nobody came for a while", () =>
    withClock(async (pass) => {
      const { app } = webApp(createExpress);
      const agent = await signedIn(app);
      for (let i = 0; i < 3; i++) {
        pass(29 * 60_000);
        await agent.get("/").expect(200);
      }
      pass(30 * 60_000);
      await agent.get("/").expect(401);
    }));

  it("ends some time after the login, however often somebody came", () =>
    withClock(async (pass) => {
      const limits = { ...SETTINGS.session, absoluteTimeout: 3_600_000 };
      const { app } = webApp(createExpress, { settings: { session: limits } });
      const agent = await signedIn(app);
      for (let i = 0; i < 5; i++) {
        pass(10 * 60_000);
        await agent.get("/").expect(200);
      }
      pass(10 * 60_000);
      await agent.get("/").expect(401);
    }));

  it("does not read the entry again before its time, and then once", () =>
    withClock(async (pass) => {
      const { app, realm } = webApp(createExpress);
      const agent = await signedIn(app);
      pass(59_000);
      await agent.get("/").expect(200);
      assert.equal(realm.rereads, 0);
      pass(1_000);
      realm.people.set("web1", { password: "web1-pw", levels: ["MyWebApp_Level_3"] });
      const { body } = await agent.get("/").expect(200);
      assert.equal(body.MYWEBACCESS, "MyWebApp_Level_3");
      await agent.get("/").expect(200);
      assert.equal(realm.rereads, 1);
    }));

  it("shares one search among the requests that come while it is under way", async () => {
    const store = new MemoryStore();
    const { app, realm } = webApp(createExpress, { store, settings: { session: always } });
    const [cookie = ""] = (await request(app).post("/login").send(LOGIN)).get("Set-Cookie") ?? [];
    let answer: () => void = () => {};
    realm.before = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    const get = store.get.bind(store);
    let joined = 0;
    const allJoined = new Promise<void>((resolve) => {
      store.get = (id, done) =>
        get(id, (error, found) => {
          done(error, found);
          joined++;
          if (joined === 5) resolve();
        });
    });
    const all = Array.from({ length: 5 }, () => request(app).get("/").set("Cookie", cookie).then());
    await allJoined;
    answer();
    const statuses = (await Promise.all(all)).map(({ status }) => status);
    assert.deepEqual(statuses, [200, 200, 200, 200, 200]);
    assert.equal(realm.rereads, 1);
  });

  it("ends for a request whose visitor signs out while the entry is being read", async () => {
    const { app, realm } = webApp(createExpress, { settings: { session: always } });
    const [cookie = ""] = (await request(app).post("/login").send(LOGIN)).get("Set-Cookie") ?? [];
    let answer: () => void = () => {};
    const isReading = new Promise<void>((reading) => {
      realm.before = () => {
        reading();
        return new Promise((resolve) => {
          answer = resolve;
        });
      };
    });
    const waiting = request(app).get("/").set("Cookie", cookie).then();
    await isReading;
    await request(app).post("/logout").set("Cookie", cookie).expect(204);
    answer();
    assert.equal((await waiting).status, 401);
  });

  it("ends at once when the entry no longer matches, and stays ended", async () => {
    const { app, realm } = webApp(createExpress, { settings: { session: always } });
    const login = await request(app).post("/login").send(LOGIN);
    const [cookie = ""] = login.get("Set-Cookie") ?? [];
    const entry = realm.people.get("web1");
    realm.people.delete("web1");
    await request(app).get("/").set("Cookie", cookie).expect(401);
    assert(entry);
    realm.people.set("web1", entry);
    await request(app).get("/").set("Cookie", cookie).expect(401);
    assert.equal(realm.records.at(-1)?.event, "signed-out-by-directory");
  });

  it("is 503, and goes on, when the entry can't be read", async () => {
    const { app, realm } = webApp(createExpress, { settings: { session: always } });
    const agent = await signedIn(app);
    realm.before = async () => {
      throw new DirectoryError("away", { code: "unreachable" });
    };
    await agent.get("/").expect(503);
    await agent.get("/login").expect(503);
    realm.before = async () => {};
    await agent.get("/").expect(200);
  });

  it("counts for the directory that began it, and no other", async () => {
    const store = new MemoryStore();
    const staff = webApp(createExpress, { store, realm: fakeRealm({ id: "ldap://staff/" }) });
    const students = webApp(createExpress, { store, realm: fakeRealm({ id: "ldap://students/" }) });
    const login = await request(students.app).post("/login").send(LOGIN);
    const [cookie = ""] = login.get("Set-Cookie") ?? [];
    await request(students.app).get("/").set("Cookie", cookie).expect(200);
    await request(staff.app).get("/").set("Cookie", cookie).expect(401);
  });

  it("wins over an Authorization header", async () => {
    const { app } = webApp(createExpress);
    const agent = await signedIn(app);
    const { body } = await agent.get("/").auth("web3", "web3-pw").expect(200);
    assert.equal(body.UID, "web1");
  });

  it("is no one's with a cookie that is malformed, unsigned, signed otherwise, or huge", async () => {
    const { app, store } = webApp(createExpress);
    await signedIn(app);
    assert(store instanceof MemoryStore);
    const all = await new Promise<object>((resolve) =>
      store.all((_, found) => resolve(found ?? {})),
    );
    const [id = ""] = Object.keys(all);
    assert.notEqual(id, "");
    const cookies = [id, `s:${id}`, `s:${id}.`, `s%3A${id}.AAAA`, "s:", "%", "x".repeat(8_000)];
    for (const cookie of cookies) {
      await request(app).get("/").set("Cookie", `connect.sid=${cookie}`).expect(401);
    }
  });
});

onEachExpress("what a store hands back", (createExpress) => {
  const record = async (store: MemoryStore) => {
    const { app } = webApp(createExpress, { store });
    const login = await request(app).post("/login").send(LOGIN);
    const [cookie = ""] = login.get("Set-Cookie") ?? [];
    const all = await new Promise<Record<string, SessionData>>((resolve) =>
      store.all((_, found) => resolve((found ?? {}) as Record<string, SessionData>)),
    );
    const [[id, data] = ["", undefined]] = Object.entries(all);
    assert(data);
    return { app, cookie, id, data: data as SessionData & { authnzLdap: string } };
  };
  const person = { dn: "uid=admin", username: "admin", attributes: {} };
  const tampered: Readonly<Record<string, (login: Record<string, unknown>) => unknown>> = {
    nothing: () => undefined,
    text: () => "web1",
    "a list": () => [],
    null: () => null,
    "an empty object": () => ({}),
    "no person": (login) => ({ ...login, person: undefined }),
    "a person without a name": (login) => ({ ...login, person: { ...person, username: "" } }),
    "a person without a DN": (login) => ({ ...login, person: { ...person, dn: undefined } }),
    "a name that is no text": (login) => ({ ...login, person: { ...person, username: { a: 1 } } }),
    "no attributes": (login) => ({ ...login, person: { ...person, attributes: undefined } }),
    "values that are no list": (login) => ({
      ...login,
      person: { ...person, attributes: { uid: "x" } },
    }),
    "values that are no text": (login) => ({
      ...login,
      person: { ...person, attributes: { uid: [1] } },
    }),
    "no times": ({ authenticatedAt: _, ...login }) => login,
    "times that are text": (login) => ({ ...login, checkedAt: String(Date.now()) }),
    "a login in the future": (login) => ({ ...login, authenticatedAt: Date.now() + 3_600_000 }),
    "a check in the future": (login) => ({ ...login, checkedAt: Date.now() + 3_600_000 }),
    "no realm": (login) => ({ ...login, realm: "" }),
  };
  it("is nobody if it is no text", async () => {
    const store = new MemoryStore();
    const { app, cookie, id, data } = await record(store);
    const changed = { ...data, authnzLdap: JSON.parse(data.authnzLdap) };
    await new Promise((resolve) => store.set(id, changed, resolve));
    await request(app).get("/").set("Cookie", cookie).expect(401);
  });
  for (const [what, change] of Object.entries(tampered)) {
    it(`is nobody if it is ${what}`, async () => {
      const store = new MemoryStore();
      const { app, cookie, id, data } = await record(store);
      await request(app).get("/").set("Cookie", cookie).expect(200);
      const authnzLdap = JSON.stringify(change(JSON.parse(data.authnzLdap)));
      const changed = { ...data, authnzLdap };
      await new Promise((resolve) => store.set(id, changed, resolve));
      await request(app).get("/").set("Cookie", cookie).expect(401);
    });
  }
});

onEachExpress("a session store that fails", (createExpress) => {
  const broken = () => Object.assign(new Error("redis://:hunter2@db"), { code: "ECONNREFUSED" });

  it("lets nobody in when it can't be read", async () => {
    const store = new MemoryStore();
    const { app, realm } = webApp(createExpress, { store });
    const agent = await signedIn(app);
    store.get = (_id, done) => done(broken());
    const { body, headers } = await agent.get("/").expect(503);
    assert.equal(body.code, "unavailable");
    assert.match(String(headers["retry-after"]), /^[1-9]/);
    assert.match(JSON.stringify(realm.records), /ECONNREFUSED/);
    assert.doesNotMatch(JSON.stringify([realm.records, body]), /hunter2/);
  });

  it("lets nobody in when the app swallows the error and goes on", async () => {
    const store = new MemoryStore();
    const swallow: ErrorRequestHandler = (_error, _req, _res, next) => next();
    const before = [swallow as unknown as RequestHandler];
    const settings = { anonymous: "allow" } as const;
    const { app } = webApp(createExpress, { store, before, settings });
    const agent = await signedIn(app);
    store.get = (_id, done) => done(broken());
    await agent.get("/").expect(503);
    await agent.post("/logout").expect(503);
    await agent.get("/").auth("web1", "web1-pw").expect(200);
  });

  it("lets nobody in while it is disconnected, but those with a password of their own", async () => {
    const store = new MemoryStore();
    const { app } = webApp(createExpress, { store, settings: { anonymous: "allow" } });
    const agent = await signedIn(app);
    store.emit("disconnect");
    await agent.get("/").expect(503);
    await agent.get("/login").expect(503);
    await agent.post("/logout").expect(503);
    await agent.get("/").auth("web1", "web1-pw").expect(200);
    store.emit("connect");
    await agent.get("/").expect(200);
  });

  const writes = ["destroy", "set"] as const;
  for (const write of writes) {
    for (const how of ["fails", "throws", "never answers"]) {
      it(`makes no login when ${write} ${how}`, async () => {
        const store = new MemoryStore();
        const realm = fakeRealm({ timeout: 50 });
        const { app } = webApp(createExpress, { store, realm });
        const original = store[write];
        Object.assign(store, {
          [write](_id: string, ...rest: readonly unknown[]) {
            if (how === "throws") throw broken();
            const done = rest.at(-1);
            if (how === "fails" && typeof done === "function") done(broken());
          },
        });
        const agent = request.agent(app);
        const form = await agent.post("/login").type("form").send(LOGIN).expect(503);
        assert.match(form.text, /role="alert"/);
        assert.equal(form.headers["retry-after"], "5");
        await agent.post("/login").send(LOGIN).expect(503);
        Object.assign(store, { [write]: original });
        await agent.get("/").expect(401);
        assert.doesNotMatch(JSON.stringify(realm.records), /hunter2/);
      });

      it(`signs out although ${write} ${how}, but says 503`, async () => {
        const store = new MemoryStore();
        const realm = fakeRealm({ timeout: 50 });
        const { app } = webApp(createExpress, { store, realm });
        const [cookie = ""] =
          (await request(app).post("/login").send(LOGIN)).get("Set-Cookie") ?? [];
        await request(app).get("/").set("Cookie", cookie).expect(200);
        const original = store[write];
        Object.assign(store, {
          [write](_id: string, ...rest: readonly unknown[]) {
            if (how === "throws") throw broken();
            const done = rest.at(-1);
            if (how === "fails" && typeof done === "function") done(broken());
          },
        });
        await request(app).post("/logout").set("Cookie", cookie).expect(503);
        Object.assign(store, { [write]: original });
        await request(app).get("/").set("Cookie", cookie).expect(401);
      });
    }
  }

  it("makes no login of a write that comes through after we gave up", async () => {
    const store = new MemoryStore();
    const late: (() => void)[] = [];
    const { app } = webApp(createExpress, { store, realm: fakeRealm({ timeout: 50 }) });
    const set = store.set.bind(store);
    let written = "";
    store.set = (id, data, done) => {
      written = id;
      const copy = structuredClone({ ...data, cookie: { originalMaxAge: null } }) as SessionData;
      late.push(() => set(id, copy, done));
    };
    await request(app).post("/login").send(LOGIN).expect(503);
    for (const write of late) write();
    store.set = set;
    const data = await new Promise((resolve) => store.get(written, (_, found) => resolve(found)));
    assert.match(JSON.stringify(data), /web1/);
    const { sign } = await import("node:crypto").then(({ createHmac }) => ({
      sign: (id: string) =>
        `s:${id}.${createHmac("sha256", "s").update(id).digest("base64").replace(/=+$/, "")}`,
    }));
    const cookie = `connect.sid=${encodeURIComponent(sign(written))}`;
    await request(app).get("/").set("Cookie", cookie).expect(401);
  });
});
