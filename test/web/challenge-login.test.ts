import assert from "node:assert/strict";
import { it } from "node:test";
import type { Express } from "express";
import { MemoryStore, type SessionData } from "express-session";
import request from "supertest";
import type TestAgent from "supertest/lib/agent.js";
import type { Mechanism } from "../../src/authentication/credentials.ts";
import { DirectoryError } from "../../src/errors.ts";
import type { LdapEvent } from "../../src/events.ts";
import { cramMd5, scramClient } from "../support/challenge-client.ts";
import { type ChallengeRealm, challengeRealm } from "../support/challenge-realm.ts";
import { onEachExpress, SETTINGS, type WebAppOptions, webApp } from "../support/web-app.ts";

const CRAM: readonly Mechanism[] = ["cram-md5"];
const SCRAM: readonly Mechanism[] = ["scram-sha-256"];
const WRONG = "Wrong user name or password. Please try again.";
const UNSUPPORTED = "Unsupported authentication mechanism.";
const ME = { UID: "web1", MYWEBACCESS: "MyWebApp_Level_1" };

interface Site {
  readonly app: Express;
  readonly realm: ChallengeRealm;
  readonly store: MemoryStore;
  readonly events: LdapEvent[];
}

onEachExpress("a login without sending the password", (createExpress) => {
  function site(mechanisms: readonly Mechanism[], options: WebAppOptions = {}): Site {
    const events: LdapEvent[] = [];
    const observe = (event: LdapEvent) => void events.push(event);
    const realm = Object.assign(challengeRealm(), { observe });
    const store = new MemoryStore();
    const settings = { mechanisms, ...options.settings };
    const { app } = webApp(createExpress, { ...options, realm, store, settings });
    return { app, realm, store, events };
  }

  async function challengeOf(agent: TestAgent): Promise<string> {
    const { body } = await agent.get("/login/challenge").expect(200);
    assert.equal(body.mechanism, "CRAM-MD5");
    return body.challenge;
  }

  /** What web1, or somebody else, answers to a new challenge of that session. */
  async function cramLogin(agent: TestAgent, name = "web1", password = `${name}-pw`) {
    const response = cramMd5(name, password, await challengeOf(agent));
    return { mechanism: "CRAM-MD5", response };
  }

  /** The whole of it, as a browser does it. */
  async function signIn(agent: TestAgent, status: number, name = "web1", password?: string) {
    const login = await cramLogin(agent, name, password);
    // Only now: the agent takes the cookie that it has when it begins.
    return await agent.post("/login").send(login).expect(status);
  }

  async function scramLogin(agent: TestAgent, name = "web1", password = `${name}-pw`) {
    const mechanism = "SCRAM-SHA-256";
    const client = scramClient(name, password);
    const sent = { mechanism, response: client.clientFirst };
    const { body } = await agent.post("/login/challenge").send(sent).expect(200);
    assert.equal(body.mechanism, mechanism);
    const { clientFinal, serverFinal } = client.finish(body.challenge);
    return { login: { mechanism, response: clientFinal }, serverFinal };
  }

  async function refused(agent: TestAgent, login: object): Promise<void> {
    const { body, headers } = await agent.post("/login").send(login).expect(401);
    assert.equal(body.code, "invalid-credentials");
    assert.equal(body.detail, WRONG);
    assert.match(String(headers["www-authenticate"]), /^FormLogin /);
    assert.equal(headers["return-to"], undefined);
    assert.equal(headers["authentication-info"], undefined);
    await agent.get("/").expect(401);
  }

  it("says what is offered, best first, with a challenge for CRAM-MD5", async () => {
    const all: Mechanism[] = ["plain", "cram-md5", "scram-sha-256"];
    const { headers, body } = await request(site(all).app).get("/login/challenge").expect(200);
    assert.deepEqual(body.mechanisms, ["SCRAM-SHA-256", "CRAM-MD5", "PLAIN"]);
    assert.match(body.challenge, /^<[0-9a-f]{32}\.\d+@127\.0\.0\.1>$/);
    assert.equal(headers["cache-control"], "no-store");
    assert.match(String(headers["content-type"]), /^application\/json/);
    const scram = await request(site(SCRAM).app).get("/login/challenge").expect(200);
    assert.deepEqual(scram.body, { mechanisms: ["SCRAM-SHA-256"] });
    assert.equal(scram.headers["set-cookie"], undefined);
  });

  it("is no path of ours where only passwords are taken", async () => {
    const { app } = webApp(createExpress);
    await request(app).get("/login/challenge").expect(401);
    await request(app).get("/login/script.js").expect(401);
    const sent = { mechanism: "CRAM-MD5", response: "web1 x" };
    const { body } = await request(app).post("/login").send(sent).expect(403);
    assert.equal(body.detail, UNSUPPORTED);
  });

  it("signs in by CRAM-MD5, and says where to go on", async () => {
    const { app, realm, events } = site(CRAM);
    const agent = request.agent(app);
    const login = { ...(await cramLogin(agent)), returnTo: "/reports?q=3" };
    const { headers } = await agent.post("/login").send(login).expect(200, ME);
    assert.equal(headers["return-to"], "/reports?q=3");
    assert.equal(headers["cache-control"], "no-store");
    await agent.get("/").expect(200, ME);
    assert.deepEqual(realm.asked, []);
    const told = events.filter(({ type }) => type === "login");
    assert.deepEqual(
      told.map((event) => event.type === "login" && [event.username, event.by, event.dn]),
      [["web1", "challenge", "uid=web1,ou=web,dc=domain,dc=org"]],
    );
    assert.deepEqual(
      realm.records.map(({ event }) => event),
      ["signed-in"],
    );
  });

  it("signs in by SCRAM-SHA-256, and proves that it knows the password too", async () => {
    const { app, realm } = site(SCRAM);
    const agent = request.agent(app);
    const { login, serverFinal } = await scramLogin(agent);
    const { headers } = await agent.post("/login").send(login).expect(200, ME);
    assert.equal(headers["authentication-info"], `data="${serverFinal}"`);
    assert.equal(headers["return-to"], "/");
    await agent.get("/").expect(200, ME);
    assert.deepEqual(realm.salted, ["web1"]);
    assert.deepEqual(realm.asked, []);
  });

  it("goes on to pages of this site only", async () => {
    const { app } = site(CRAM);
    for (const returnTo of [
      "https://evil.example/",
      "//evil.example",
      "/\\evil.example",
      "/login",
    ]) {
      const agent = request.agent(app);
      const login = { ...(await cramLogin(agent)), returnTo };
      const { headers } = await agent.post("/login").send(login).expect(200);
      assert.equal(headers["return-to"], "/", returnTo);
    }
  });

  it("refuses wrong passwords and unknown names in the same words, and lets nobody on", async () => {
    const { app, realm, events } = site(["cram-md5", "scram-sha-256"]);
    for (const [name, password] of [
      ["web1", "wrong"],
      ["nobody", "web1-pw"],
    ] as const) {
      const agent = request.agent(app);
      await refused(agent, await cramLogin(agent, name, password));
      await refused(agent, (await scramLogin(agent, name, password)).login);
    }
    const reasons = events.map((event) => event.type === "refusal" && event.reason);
    assert.deepEqual(reasons, [
      ...["wrong-password", "wrong-password", "unknown-user", "unknown-user"],
    ]);
    assert.equal(realm.records.filter(({ event }) => event === "login-refused").length, 4);
  });

  it("answers a first message of SCRAM alike whoever it names", async () => {
    const { app } = site(SCRAM);
    const shape = async (name: string) => {
      const response = scramClient(name, "x").clientFirst;
      const sent = { mechanism: "SCRAM-SHA-256", response };
      const answer = await request(app).post("/login/challenge").send(sent).expect(200);
      const first = Buffer.from(answer.body.challenge, "base64").toString();
      const [, nonce, salt, count] = /^r=(.+),s=(.+),i=(\d+)$/.exec(first) ?? [];
      return [nonce?.length, salt?.length, count, Object.keys(answer.body).join()];
    };
    assert.deepEqual(await shape("web1"), await shape("nobody"));
  });

  for (const outcome of ["right", "wrong"] as const) {
    it(`uses a challenge up by one try, a ${outcome} one too`, async () => {
      const { app, realm } = site(CRAM);
      const agent = request.agent(app);
      const challenge = await challengeOf(agent);
      const right = { mechanism: "CRAM-MD5", response: cramMd5("web1", "web1-pw", challenge) };
      const wrong = { mechanism: "CRAM-MD5", response: cramMd5("web1", "wrong", challenge) };
      await agent.post("/login").send(outcome === "right" ? right : wrong);
      const asked = realm.proofs.length;
      await agent.post("/logout").type("form");
      await refused(agent, right);
      assert.equal(realm.proofs.length, asked);
    });
  }

  for (const unreadable of ["", "web1", "web1 0123", `web1 ${"A".repeat(32)}`, "x".repeat(9_000)]) {
    it(`uses it up by a response that is none: ${unreadable.slice(0, 12)}`, async () => {
      const { app, realm } = site(CRAM);
      const agent = request.agent(app);
      const login = await cramLogin(agent);
      await refused(agent, { mechanism: "CRAM-MD5", response: unreadable });
      await refused(agent, login);
      assert.deepEqual(realm.proofs, []);
    });
  }

  it("takes one of several answers that come at once with one session", async () => {
    for (const mechanisms of [CRAM, SCRAM]) {
      const { app, realm } = site(mechanisms);
      const agent = request.agent(app);
      // A server of its own for all of them: supertest would start one each.
      const server = app.listen(0, "127.0.0.1");
      try {
        const through = request.agent(server);
        const login =
          mechanisms === CRAM ? await cramLogin(through) : (await scramLogin(through)).login;
        const all = Array.from({ length: 10 }, () => through.post("/login").send(login));
        const statuses = (await Promise.all(all)).map(({ status }) => status);
        assert.deepEqual(statuses.sort(), [200, ...Array<number>(9).fill(401)]);
        assert.equal(realm.proofs.length, 1);
      } finally {
        server.close();
      }
      await agent.get("/").expect(401);
    }
  });

  it("takes no answer twice from a session that was written back with its challenge", async () => {
    const { app, realm, store } = site(CRAM);
    const agent = request.agent(app);
    const login = await cramLogin(agent);
    const before = await sessionsOf(store);
    await agent.post("/login").send({ ...login, response: cramMd5("web1", "wrong", "x") });
    for (const [id, session] of Object.entries(before)) store.set(id, session);
    await refused(agent, login);
    assert.equal(realm.proofs.length, 1);
  });

  it("takes no answer in another session", async () => {
    const { app, realm } = site(["cram-md5", "scram-sha-256"]);
    const [victim, thief] = [request.agent(app), request.agent(app)];
    const stolen = await cramLogin(victim);
    await refused(thief, stolen);
    await challengeOf(thief);
    await refused(thief, stolen);
    assert.equal(realm.proofs.length, 1);
    const scram = await scramLogin(victim);
    await scramLogin(thief);
    await refused(thief, scram.login);
    await refused(thief, scram.login);
    assert.equal(realm.proofs.length, 2);
    // The owner's own is untouched.
    await victim.post("/login").send(scram.login).expect(200);
  });

  it("takes no answer to a challenge that a newer one has replaced", async () => {
    const { app } = site(CRAM);
    const agent = request.agent(app);
    const old = await cramLogin(agent);
    const fresh = await cramLogin(agent);
    await refused(agent, old);
    await refused(agent, fresh);
  });

  for (const [what, age, status] of [
    ["just in time", 119_000, 200],
    ["too late", 121_000, 401],
    ["from a clock that is far ahead", -121_000, 401],
  ] as const) {
    it(`looks at the time: ${what}`, async () => {
      const { app, store } = site(CRAM);
      const agent = request.agent(app);
      const login = await cramLogin(agent);
      await rewrite(store, (record) => ({ ...record, madeAt: Number(record.madeAt) - age }));
      await agent.post("/login").send(login).expect(status);
    });
  }

  it("takes no challenge that a session holds for another instance, or that can't be read", async () => {
    for (const change of [
      { realm: "another" },
      { id: undefined },
      { madeAt: "1" },
      { challenge: 7 },
      { mechanism: "plain" },
      { mechanism: "scram-sha-256" },
    ]) {
      const { app, store, realm } = site(["cram-md5", "scram-sha-256"]);
      const agent = request.agent(app);
      const login = await cramLogin(agent);
      await rewrite(store, (record) => ({ ...record, ...change }));
      await refused(agent, login);
      assert.deepEqual(realm.proofs, []);
    }
  });

  it("takes an answer by the mechanism of its challenge only", async () => {
    const { app, realm } = site(["cram-md5", "scram-sha-256"]);
    const agent = request.agent(app);
    const cram = await cramLogin(agent);
    await refused(agent, { ...cram, mechanism: "SCRAM-SHA-256" });
    const { login } = await scramLogin(agent);
    await refused(agent, { ...login, mechanism: "CRAM-MD5" });
    assert.deepEqual(realm.proofs, []);
  });

  it("takes no mechanism that is not offered, and uses the challenge up", async () => {
    const { app, realm } = site(CRAM);
    const agent = request.agent(app);
    for (const mechanism of ["SCRAM-SHA-256", "PLAIN", "plain", "", "DIGEST-MD5", "__proto__"]) {
      const login = await cramLogin(agent);
      const { body } = await agent
        .post("/login")
        .send({ ...login, mechanism })
        .expect(403);
      assert.equal(body.detail, UNSUPPORTED);
      assert.equal(body.code, "unsupported-mechanism");
      await refused(agent, login);
    }
    const sent = { mechanism: "SCRAM-SHA-256", response: scramClient("web1", "x").clientFirst };
    await agent.post("/login/challenge").send(sent).expect(403);
    assert.deepEqual(realm.proofs, []);
    assert.deepEqual(realm.salted, []);
  });

  it("refuses passwords where they are not offered: by form, by JSON, by Basic", async () => {
    const { app, realm, events } = site(CRAM, { settings: { anonymous: "allow" } });
    const right = { username: "web1", password: "web1-pw" };
    const page = await request(app).post("/login").type("form").send(right).expect(403);
    assert.match(page.text, /role="alert"[^>]*>Unsupported authentication mechanism\.</);
    assert.doesNotMatch(page.text, /web1-pw/);
    const json = await request(app).post("/login").send(right).expect(403);
    const basic = await request(app).get("/").auth("web1", "web1-pw").expect(403);
    const none = await request(app).get("/").set("Authorization", "Basic !").expect(403);
    for (const { body, headers } of [json, basic, none]) {
      assert.equal(body.detail, UNSUPPORTED);
      assert.equal(headers["www-authenticate"], undefined);
    }
    assert.equal(page.headers["set-cookie"], undefined);
    assert.deepEqual(realm.asked, []);
    const told = events.map((event) => event.type === "refusal" && [event.by, event.reason]);
    const reason = "unsupported-mechanism";
    assert.deepEqual(told, [
      ["form", reason],
      ["form", reason],
      ["basic", reason],
      ["basic", reason],
    ]);
    // Nothing was counted.
    const agent = request.agent(app);
    await signIn(agent, 200);
  });

  it("asks for no password by HTTP Basic where none is taken", async () => {
    const { headers } = await request(site(CRAM).app).get("/").expect(401);
    assert.match(String(headers["www-authenticate"]), /^FormLogin /);
  });

  it("takes passwords and answers side by side where both are offered", async () => {
    const { app } = site(["plain", "cram-md5"]);
    const agent = request.agent(app);
    await signIn(agent, 200);
    await request(app).post("/login").send({ username: "web1", password: "web1-pw" }).expect(200);
    await request(app).get("/").auth("web1", "web1-pw").expect(200);
    // Both at once are neither.
    const other = request.agent(app);
    const both = { ...(await cramLogin(other)), username: "web1", password: "web1-pw" };
    await other.post("/login").send(both).expect(400);
  });

  it("counts wrong answers as it counts wrong passwords, for both", async () => {
    const throttle = { ...SETTINGS.throttle, failures: 2, window: 60_000 };
    const { app, realm } = site(["plain", "cram-md5"], { settings: { throttle } });
    const agent = request.agent(app);
    await refused(agent, await cramLogin(agent, "web1", "wrong"));
    await request(app).get("/").auth("web1", "wrong").expect(401);
    const { body } = await signIn(agent, 429);
    assert.equal(body.code, "too-many-attempts");
    await request(app).get("/").auth("web1", "web1-pw").expect(429);
    assert.equal(realm.proofs.length, 1);
    await signIn(agent, 200, "web3");
  });

  it("tells who has the right password what is wrong with their account, and of their password", async () => {
    const { app, realm } = site(CRAM);
    const levels = ["MyWebApp_Level_1"];
    realm.people.set("locked", { password: "locked-pw", levels, state: "account-locked" });
    realm.people.set("late", { password: "late-pw", levels, warning: { expiresIn: 86_400 } });
    const agent = request.agent(app);
    const { body } = await signIn(agent, 403, "locked");
    assert.equal(body.code, "account-locked");
    await refused(agent, await cramLogin(agent, "locked", "wrong"));
    const login = { ...(await cramLogin(agent, "late")), returnTo: "/x" };
    const { headers } = await agent.post("/login").send(login).expect(200);
    assert.equal(headers["return-to"], "/login?returnTo=%2Fx");
    assert.equal(headers["password-warning"], "expires-in=86400");
  });

  it("answers 503 where nobody could say, and uses the challenge up", async () => {
    const { app, realm } = site(["cram-md5", "scram-sha-256"]);
    const agent = request.agent(app);
    const login = await cramLogin(agent);
    realm.before = async () => {
      throw new DirectoryError("away", { code: "unreachable" });
    };
    await agent.post("/login").send(login).expect(503);
    const sent = { mechanism: "SCRAM-SHA-256", response: scramClient("web1", "x").clientFirst };
    await agent.post("/login/challenge").send(sent).expect(503);
    realm.before = async () => {};
    await refused(agent, login);
  });

  it("answers 503 where the session can't be saved, and lets nobody in", async () => {
    const { app, store, realm } = site(CRAM);
    const agent = request.agent(app);
    const login = await cramLogin(agent);
    store.set = (_id, _session, done) => done?.(new Error("full"));
    await agent.get("/login/challenge").expect(503);
    await agent.post("/login").send(login).expect(503);
    assert.deepEqual(realm.proofs, []);
  });

  it("begins a new session, in which nothing of the old one is left", async () => {
    const { app, store } = site(CRAM);
    const agent = request.agent(app);
    const login = await cramLogin(agent);
    const [before] = Object.keys(await sessionsOf(store));
    await agent.post("/login").send(login).expect(200);
    const after = Object.entries(await sessionsOf(store));
    assert.equal(after.length, 1);
    assert.notEqual(after[0]?.[0], before);
    assert.equal(after[0]?.[1] && "authnzLdapChallenge" in after[0][1], false);
  });

  it("gives nothing to pages of other sites, and takes nothing from them", async () => {
    const { app, realm } = site(["cram-md5", "scram-sha-256"]);
    const agent = request.agent(app);
    const login = await cramLogin(agent);
    for (const headers of [
      { "Sec-Fetch-Site": "cross-site" },
      { Origin: "https://evil.example" },
    ]) {
      for (const attempt of [
        agent.get("/login/challenge"),
        agent.post("/login/challenge").send({ mechanism: "CRAM-MD5" }),
        agent.post("/login").send(login),
      ]) {
        const { body } = await attempt.set(headers).expect(403);
        assert.equal(body.code, "cross-site-request");
      }
    }
    assert.deepEqual(realm.proofs, []);
    // Nothing of that used it up.
    await agent.post("/login").send(login).expect(200);
  });

  it("refuses what is no message of a mechanism, however large, and asks nobody", async () => {
    const { app, realm } = site(SCRAM);
    const ask = (sent: object) => request(app).post("/login/challenge").send(sent);
    const mechanism = "SCRAM-SHA-256";
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    for (const response of [
      ...[undefined, null, 7, [], {}, "", "n,,n=web1,r=abc", "====", `${base64("n,,n=a,r=b")} `],
      ...[
        base64("p=tls-unique,,n=web1,r=abc"),
        base64("n,a=root,n=web1,r=abc"),
        base64("n,,n=web1"),
      ],
      base64(`n,,n=${"x".repeat(3_500)},r=abc`),
      Buffer.from("n,,n=\xff,r=abc", "latin1").toString("base64"),
    ]) {
      const { body } = await ask({ mechanism, response }).expect(400);
      assert.equal(body.code, "bad-request");
    }
    for (const name of ["x".repeat(301), "a\u0007b", "  "]) {
      const { body } = await ask({ mechanism, response: base64(`n,,n=${name},r=abc`) }).expect(401);
      assert.equal(body.detail, WRONG);
    }
    await ask({ mechanism: 7, response: "" }).expect(400);
    await ask({ mechanism, response: "x".repeat(20_000) }).expect(413);
    await request(app).post("/login/challenge").type("form").send({ mechanism }).expect(415);
    await request(app).post("/login/challenge").type("json").send("{").expect(400);
    const login = { mechanism, response: "x".repeat(15_000) };
    await request(app).post("/login").send(login).expect(401);
    await request(app).post("/login").type("form").send(login).expect(400);
    assert.deepEqual(realm.salted, []);
    assert.deepEqual(realm.proofs, []);
  });

  it("answers GET, HEAD and POST, and nothing over plain HTTP from elsewhere", async () => {
    const { app, realm, store } = site(["cram-md5", "scram-sha-256"]);
    for (const path of ["/login/challenge", "/login/script.js"]) {
      const { headers } = await request(app).put(path).expect(405);
      assert.match(String(headers.allow), /^GET, HEAD/);
      await request(app).head(path).expect(200);
      const exposed = request(app).get(path).set("X-Forwarded-For", "203.0.113.7");
      assert.equal((await exposed.expect(403)).body.code, "tls-required");
    }
    const agent = request.agent(app);
    const login = await cramLogin(agent);
    const before = JSON.stringify(await sessionsOf(store));
    const forwarded = { "X-Forwarded-For": "203.0.113.7" };
    const { body } = await agent.post("/login").set(forwarded).send(login).expect(403);
    assert.equal(body.code, "tls-required");
    assert.doesNotMatch(body.detail, /exposed/);
    assert.equal(JSON.stringify(await sessionsOf(store)), before);
    assert.deepEqual(realm.records, []);
  });

  it("serves its script as one that may be kept, under a name of its version", async () => {
    const { app } = site(CRAM, { mount: "/intranet" });
    const { text } = await request(app).get("/intranet/login").expect(200);
    const [, src = ""] = /<script src="([^"]+)" defer><\/script>/.exec(text) ?? [];
    assert.match(src, /^\/intranet\/login\/script\.js\?v=[\w-]{16}$/);
    const script = await request(app).get(src).expect(200);
    assert.equal(script.headers["content-type"], "text/javascript; charset=utf-8");
    assert.equal(script.headers["x-content-type-options"], "nosniff");
    assert.equal(script.headers["cache-control"], "public, max-age=31536000, immutable");
    assert.equal(script.headers["set-cookie"], undefined);
    const etag = String(script.headers.etag);
    await request(app).get(src).set("If-None-Match", etag).expect(304);
    const other = await request(app).get("/intranet/login/script.js?v=other").expect(200);
    assert.equal(other.headers["cache-control"], "no-cache");
  });

  it("has a page from which no password can be sent without the script", async () => {
    const { text } = await request(site(SCRAM).app).get("/login").expect(200);
    const fields = text.match(/<input[^>]*>/g)?.filter((each) => !each.includes('type="hidden"'));
    assert.equal(fields?.length, 2);
    for (const field of fields ?? []) assert.doesNotMatch(field, / name=/);
    assert.match(text, /<button type="submit" disabled>/);
    assert.match(text, /<p class="alert late" id="needs-script">Signing in here needs JavaScript/);
    assert.match(text, /data-mechanisms="scram-sha-256"/);
    const both = await request(site(["plain", "cram-md5"]).app)
      .get("/login")
      .expect(200);
    assert.match(both.text, /<input id="password" name="password"/);
    assert.match(both.text, /<button type="submit">/);
  });

  it("tells a view of the application what it needs to know", async () => {
    const view = (page: object) => JSON.stringify(page);
    const login = { ...SETTINGS.login, view };
    const { text } = await request(site(CRAM, { settings: { login } }).app).get("/login");
    const page = JSON.parse(text);
    assert.deepEqual(page.mechanisms, ["cram-md5"]);
    assert.match(page.scriptHref, /^\/login\/script\.js\?v=/);
    const { app } = webApp(createExpress, { settings: { login } });
    const plain = JSON.parse((await request(app).get("/login")).text);
    assert.deepEqual([plain.mechanisms, plain.scriptHref], [["plain"], undefined]);
  });

  it("says once that nobody can sign in where the session's cookie does not come through", async () => {
    const { app, realm } = site(CRAM, {
      before: [
        (req, _res, next) => {
          Object.assign(req.session.cookie, { secure: true });
          next();
        },
      ],
    });
    await request(app).get("/login/challenge").expect(200);
    await request(app).get("/login/challenge").expect(200);
    assert.deepEqual(
      realm.records.map(({ event }) => event),
      ["misconfigured"],
    );
  });
});

function sessionsOf(store: MemoryStore): Promise<Record<string, SessionData>> {
  return new Promise((resolve, reject) => {
    store.all((error, sessions) => {
      if (error) reject(error);
      else resolve({ ...sessions } as Record<string, SessionData>);
    });
  });
}

/** Changes the challenge that sessions hold. */
async function rewrite(
  store: MemoryStore,
  change: (record: Record<string, unknown>) => object,
): Promise<void> {
  for (const [id, session] of Object.entries(await sessionsOf(store))) {
    const held = session as SessionData & { authnzLdapChallenge: string };
    const record = change(JSON.parse(held.authnzLdapChallenge));
    store.set(id, Object.assign(held, { authnzLdapChallenge: JSON.stringify(record) }));
  }
}
