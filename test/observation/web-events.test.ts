import assert from "node:assert/strict";
import { it } from "node:test";
import request from "supertest";
import { DirectoryError } from "../../src/errors.ts";
import type { LdapEvent } from "../../src/events.ts";
import { requireLevel, requireUser } from "../../src/web/guards.ts";
import { fakeRealm } from "../support/fake-realm.ts";
import {
  onEachExpress,
  signedIn,
  type WebApp,
  type WebAppOptions,
  webApp,
} from "../support/web-app.ts";

onEachExpress("events of requests", (createExpress) => {
  function watched(options: Omit<WebAppOptions, "realm"> = {}): WebApp & { events: LdapEvent[] } {
    const events: LdapEvent[] = [];
    const observe = (event: LdapEvent) => void events.push(event);
    const routes: WebAppOptions["routes"] = (app) => {
      app.get("/", (_, res) => void res.send("ok"));
      app.get("/board", requireLevel(3), (_, res) => void res.send("ok"));
      app.get("/mine", requireUser("web1"), (_, res) => void res.send("ok"));
      app.get("/menu", async (req, res) => void res.send(await requireLevel(1).allows(req)));
    };
    const realm = Object.assign(fakeRealm(), { observe });
    return { ...webApp(createExpress, { realm, routes, ...options }), events };
  }

  /** Without what differs from run to run. */
  function steady(events: readonly LdapEvent[]): readonly object[] {
    return events.map((event) => {
      if (!("milliseconds" in event)) return event;
      const { milliseconds, ...rest } = event;
      assert(milliseconds >= 0 && milliseconds < 10_000);
      return rest;
    });
  }

  const WHO = { username: "web1", by: "form" };
  const DN = "uid=web1,ou=web,dc=domain,dc=org";

  it("tell who signed in, from where and how, and who was refused and why", async () => {
    const { app, events } = watched();
    await signedIn(app);
    await request(app).post("/login").send({ username: "web1", password: "wrong" }).expect(401);
    await request(app).get("/").auth("web1", "web1-pw").expect(200);
    await request(app).get("/").auth("nobody", "x").expect(401);
    const [address] = events.map((event) => ("address" in event ? event.address : undefined));
    assert.match(address ?? "", /^(::ffff:)?127\.0\.0\.1$|^::1$/);
    assert.deepEqual(steady(events), [
      { type: "login", ...WHO, address, dn: DN, remembered: false },
      { type: "refusal", ...WHO, address, reason: "wrong-password" },
      { type: "login", ...WHO, by: "basic", address, dn: DN, remembered: false },
      { type: "refusal", username: "nobody", by: "basic", address, reason: "unknown-user" },
    ]);
  });

  it("tell nothing of a login of a session that goes on", async () => {
    const { app, events } = watched();
    const agent = await signedIn(app);
    events.length = 0;
    await agent.get("/").expect(200);
    assert.deepEqual(events, []);
  });

  it("tell 429, 503, and what is refused without asking", async () => {
    const { app, events, realm } = watched({
      settings: { throttle: { failures: 1, window: 60_000 } },
    });
    const login = (username: string, password: string) =>
      request(app).post("/login").send({ username, password });
    await login("web1", "wrong").expect(401);
    await login("web1", "web1-pw").expect(429);
    await login(" ", "x").expect(401);
    await request(app).get("/").set("Authorization", "Basic %").expect(401);
    realm.before = () => Promise.reject(new DirectoryError("away", { code: "unreachable" }));
    await login("web3", "web3-pw").expect(503);
    const reasons = events.map((event) => "reason" in event && event.reason);
    assert.deepEqual(reasons, [
      ...["wrong-password", "too-many-attempts", "unacceptable-credentials"],
      ...["unacceptable-credentials", "unavailable"],
    ]);
  });

  it("tell what guards decided, and not what menus ask", async () => {
    const { app, events, realm } = watched({ settings: { anonymous: "allow" } });
    const agent = await signedIn(app);
    events.length = 0;
    await agent.get("/mine").expect(200);
    await agent.get("/board").expect(403);
    await agent.get("/menu").expect(200);
    await request(app).get("/board").expect(401);
    realm.before = () => Promise.reject(new DirectoryError("away", { code: "unreachable" }));
    await agent.get("/mine").expect(503);
    const decision = { type: "decision", operations: 0 };
    assert.deepEqual(steady(events), [
      { ...decision, username: "web1", outcome: "granted", rule: "user" },
      { ...decision, username: "web1", outcome: "denied", rule: "level" },
      { ...decision, username: undefined, outcome: "no-user", rule: "level" },
      { ...decision, username: "web1", outcome: "undecided", rule: "user" },
    ]);
  });

  it("hold names of which no letter ends a line or moves a cursor, and no more than 300", async () => {
    const { app, events } = watched({ settings: { throttle: false } });
    const names = ["a\r\nb", "a\u001b[2Jb", "a\u009b31mb", "a\u2028b", "a\u202eb", "a\ud800b"];
    for (const username of names) {
      await request(app).post("/login").send({ username, password: "x" }).expect(401);
    }
    await request(app)
      .post("/login")
      .send({ username: "x".repeat(10_000), password: "x" });
    const told = events.map((event) => ("username" in event ? (event.username ?? "") : ""));
    assert.deepEqual(told.slice(0, -1), [
      ...["a\ufffd\ufffdb", "a\ufffd[2Jb", "a\ufffd31mb", "a\ufffdb", "a\ufffdb", "a\ufffdb"],
    ]);
    assert.equal(told.at(-1), `${"x".repeat(299)}…`);
  });

  it("tell no address that is none, whatever a proxy passed on", async () => {
    const { app, events } = watched({ settings: { requireTls: false } });
    app.set("trust proxy", true);
    const forwarded = ["192.0.2.7 reason=x", "2001:db8::7"];
    for (const from of forwarded) {
      await request(app).get("/").set("X-Forwarded-For", from).auth("web1", "no").expect(401);
    }
    const addresses = events.map((event) => "address" in event && event.address);
    assert.deepEqual(addresses, [undefined, "2001:db8::7"]);
  });

  it("hold no password, session id or cookie", async () => {
    const { app, events } = watched();
    const agent = await signedIn(app);
    const { headers } = await agent.post("/login").send({ username: "web3", password: "web3-pw" });
    const [cookie = ""] = headers["set-cookie"] ?? [];
    const session = /s%3A([^.]+)/.exec(cookie)?.[1] ?? "no session";
    await request(app).get("/board").auth("web3", "web3-pw").expect(200);
    await request(app).get("/").auth("web1", "canary-pw").expect(401);
    const all = JSON.stringify(events);
    assert(events.length >= 5);
    for (const secret of ["web1-pw", "web3-pw", "canary-pw", session]) {
      assert(!all.includes(secret), secret);
    }
  });
});
