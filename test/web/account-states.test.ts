import assert from "node:assert/strict";
import { it } from "node:test";
import request from "supertest";
import type { AccountState } from "../../src/directory/account-answer.ts";
import { passwordWarning } from "../../src/web/password-warning.ts";
import type { WebSettings } from "../../src/web/web-settings.ts";
import { type FakePerson, fakeRealm } from "../support/fake-realm.ts";
import { type CreateExpress, onEachExpress, SETTINGS, webApp } from "../support/web-app.ts";

const STATES: readonly (readonly [AccountState, RegExp])[] = [
  ["account-disabled", /Your account is disabled\. Please contact your administrator\./],
  ["account-locked", /Your account is locked\. Please try again later, or contact/],
  ["account-expired", /Your account has expired\. Please contact/],
  ["password-expired", /Your password has expired\. Please contact/],
  [
    "must-change-password",
    /Your password has to be changed before you can sign in\. Please contact/,
  ],
  ["not-at-this-time", /may not be used at this time/],
  ["not-from-here", /may not be used from here/],
];
const WRONG = /Wrong user name or password/;
const EVIL = `"'><script>alert(1)</script>&amp;`;

const CHANGEABLE: Partial<WebSettings> = { passwordChange: { path: "/password" } };

/** An app whose `web9` has this state or warning. */
function appWith(
  createExpress: CreateExpress,
  account: Pick<FakePerson, "state" | "warning">,
  settings: Partial<WebSettings> = {},
) {
  const realm = fakeRealm({ changes: settings.passwordChange !== undefined });
  realm.people.set("web9", { password: "web9-pw", levels: ["MyWebApp_Level_1"], ...account });
  const { app, store } = webApp(createExpress, {
    realm,
    settings,
    routes: (routes) => {
      routes.get("/", (req, res) => void res.json(req.authenticated ?? null));
      routes.get("/warning", (req, res) => void res.json(passwordWarning(req) ?? null));
    },
  });
  const post = (password = "web9-pw", extra: object = {}) =>
    request(app)
      .post("/login")
      .type("form")
      .send({ username: "web9", password, ...extra });
  return { app, realm, store, post };
}

onEachExpress("somebody whose account may not be used", (createExpress) => {
  for (const [state, text] of STATES) {
    it(`gets 403 and ${state} after the right password, by form, JSON and Basic, and no session`, async () => {
      const { app, post } = appWith(createExpress, { state });
      const form = await post("web9-pw", { returnTo: "/reports" }).expect(403);
      assert.match(form.text, text);
      assert.match(form.text, /role="alert" tabindex="-1" autofocus/);
      assert.match(form.text, /value="web9"/);
      assert.match(form.text, /name="returnTo" value="\/reports"/);
      const json = await request(app)
        .post("/login")
        .send({ username: "web9", password: "web9-pw" })
        .expect(403);
      const basic = await request(app).get("/").auth("web9", "web9-pw").expect(403);
      for (const { body, type } of [json, basic]) {
        assert.equal(type, "application/problem+json");
        assert.equal(body.code, state);
        assert.equal(body.status, 403);
        assert.match(body.detail, text);
      }
      for (const { headers } of [form, json, basic]) {
        assert.equal(headers["set-cookie"], undefined);
        assert.equal(headers["www-authenticate"], undefined);
        assert.equal(headers["cache-control"], "no-store");
      }
      const page = await request(app)
        .get("/")
        .auth("web9", "web9-pw")
        .set("Accept", "text/html")
        .expect(403);
      assert.match(page.text, text);
    });

    it(`is not told of ${state} after a wrong password`, async () => {
      const { app, post } = appWith(createExpress, { state }, CHANGEABLE);
      const form = await post("wrong").expect(401);
      assert.match(form.text, WRONG);
      assert.doesNotMatch(form.text, text);
      const basic = await request(app).get("/").auth("web9", "wrong").expect(401);
      assert.equal(basic.body.code, "invalid-credentials");
    });
  }

  it("has made no wrong guess", async () => {
    const throttle = { failures: 2, window: 300_000 };
    const { realm, post } = appWith(createExpress, { state: "account-disabled" }, { throttle });
    for (let n = 0; n < 5; n++) await post().expect(403);
    await post("wrong").expect(401);
    await post("wrong").expect(401);
    await post().expect(429);
    const reasons = realm.records.map(({ details }) => details?.reason);
    assert.deepEqual(reasons.slice(0, 6), [...Array(5).fill("account-disabled"), "wrong-password"]);
  });

  it("does not end the session of who is signed in", async () => {
    const { app } = appWith(createExpress, { state: "account-locked" });
    const agent = request.agent(app);
    const signIn = (username: string) =>
      agent
        .post("/login")
        .type("form")
        .send({ username, password: `${username}-pw` });
    await signIn("web1").expect(303);
    await signIn("web9").expect(403);
    assert.equal((await agent.get("/").expect(200)).body.UID, "web1");
  });

  it("is told so in the application's own words, escaped in a page", async () => {
    const texts = { "account-locked": `Gesperrt ${EVIL}` };
    const { app, post } = appWith(createExpress, { state: "account-locked" }, { texts });
    const form = await post().expect(403);
    assert.match(form.text, /Gesperrt &quot;&#39;&gt;&lt;script&gt;/);
    const page = await request(app)
      .get("/")
      .auth("web9", "web9-pw")
      .set("Accept", "text/html")
      .expect(403);
    for (const { text } of [form, page]) assert.doesNotMatch(text, /<script/);
    const json = await request(app).get("/").auth("web9", "web9-pw").expect(403);
    assert.equal(json.body.detail, `Gesperrt ${EVIL}`);
  });
});

onEachExpress("somebody who needs a new password", (createExpress) => {
  for (const [state, text] of [
    ["must-change-password", /Please choose a new password before you go on/],
    ["password-expired", /Your password has expired\. Please choose a new one/],
  ] as const) {
    it(`gets the form for it where that is offered, and no session: ${state}`, async () => {
      const { app, post } = appWith(createExpress, { state }, CHANGEABLE);
      const { text: html, headers } = await post("web9-pw", { returnTo: "/reports" }).expect(403);
      assert.match(html, /<form method="post" action="\/password"/);
      assert.match(html, /id="username"[^>]* value="web9"/);
      assert.match(html, /name="returnTo" value="\/reports"/);
      assert.match(html, text);
      assert.doesNotMatch(html, /web9-pw/);
      assert.equal(headers["set-cookie"], undefined);
      const json = await request(app)
        .post("/login")
        .send({ username: "web9", password: "web9-pw" });
      assert.deepEqual([json.status, json.body.code], [403, state]);
      const page = await request(app)
        .get("/")
        .auth("web9", "web9-pw")
        .set("Accept", "text/html")
        .expect(403);
      assert.match(page.text, /href="\/password\?returnTo=%2F">Change your password/);
    });
  }

  it("gets no form for what no new password puts right", async () => {
    const { post } = appWith(createExpress, { state: "account-disabled" }, CHANGEABLE);
    const { text } = await post().expect(403);
    assert.match(text, /<form method="post" action="\/login"/);
  });

  it("changes it there, and signs in with it", async () => {
    const { app, post } = appWith(createExpress, { state: "must-change-password" }, CHANGEABLE);
    await post().expect(403);
    const form = {
      username: "web9",
      oldPassword: "web9-pw",
      newPassword: "new-pw",
      confirmation: "new-pw",
    };
    await request(app).post("/password").type("form").send(form).expect(200);
    await post().expect(401);
    await post("new-pw").expect(303);
  });
});

onEachExpress("somebody whose password expires soon", (createExpress) => {
  const warning = { expiresIn: 3 * 86_400 };

  it("is told so once after the form, on the way to where they were going", async () => {
    const { app } = appWith(createExpress, { warning }, CHANGEABLE);
    const agent = request.agent(app);
    const sent = agent
      .post("/login")
      .type("form")
      .send({ username: "web9", password: "web9-pw", returnTo: "/reports?year=1" });
    const { location = "" } = (await sent.expect(303)).headers;
    assert.equal(location, "/login?returnTo=%2Freports%3Fyear%3D1");
    const { text } = await agent.get(location).expect(200);
    assert.match(text, /Your password expires in [23] days\./);
    assert.match(text, /href="\/password\?returnTo=%2Freports%3Fyear%3D1">Change it/);
    assert.match(text, /href="\/reports\?year=1">Go on/);
    const again = await agent.get(location).expect(303);
    assert.equal(again.headers.location, "/reports?year=1");
  });

  it("is offered no change where there is none", async () => {
    const { app } = appWith(createExpress, { warning });
    const agent = request.agent(app);
    await agent.post("/login").type("form").send({ username: "web9", password: "web9-pw" });
    const { text } = await agent.get("/login").expect(200);
    assert.doesNotMatch(text, /Change it/);
    assert.match(text, /href="\/">Go on/);
  });

  it("gets req.authenticated as JSON as ever, and the warning in a header", async () => {
    const { app, realm } = appWith(createExpress, { warning });
    const send = () =>
      request(app).post("/login").send({ username: "web9", password: "web9-pw" }).expect(200);
    const { text, headers } = await send();
    assert.equal(text, '{"UID":"web9","MYWEBACCESS":"MyWebApp_Level_1"}');
    assert.equal(headers["password-warning"], "expires-in=259200");
    realm.people.set("web9", { password: "web9-pw", levels: [], warning: { graceLogins: 2 } });
    assert.equal((await send()).headers["password-warning"], "grace-logins=2");
    realm.people.set("web9", { password: "web9-pw", levels: [] });
    assert.equal((await send()).headers["password-warning"], undefined);
  });

  it("is told of by passwordWarning, by session and by Basic, and nobody else is", async () => {
    const { app } = appWith(createExpress, { warning }, { anonymous: "allow" });
    const agent = request.agent(app);
    await agent.post("/login").type("form").send({ username: "web9", password: "web9-pw" });
    const { expiresIn } = (await agent.get("/warning").expect(200)).body;
    assert(expiresIn > 259_190 && expiresIn <= 259_200);
    const basic = await request(app).get("/warning").auth("web9", "web9-pw").expect(200);
    assert.deepEqual(basic.body, warning);
    const others = [
      request(app).get("/warning"),
      request(app).get("/warning").auth("web1", "web1-pw"),
    ];
    for (const other of others) assert.equal((await other.expect(200)).body, null);
    await agent.post("/logout").type("form").expect(303);
    assert.equal((await agent.get("/warning").expect(200)).body, null);
  });

  it("is not told of what the session of somebody before them held", async () => {
    const { app } = appWith(createExpress, { warning });
    const agent = request.agent(app);
    const signIn = (username: string) =>
      agent
        .post("/login")
        .type("form")
        .send({ username, password: `${username}-pw` });
    await signIn("web9").expect(303);
    const { headers } = await signIn("web1").expect(303);
    assert.equal(headers.location, "/");
    assert.equal((await agent.get("/warning").expect(200)).body, null);
  });

  it("is not told of by another realm with the same sessions, where they are nobody", async () => {
    const { app, store, post } = appWith(createExpress, { warning });
    const [cookie = ""] = (await post().expect(303)).get("Set-Cookie") ?? [];
    const other = webApp(createExpress, {
      realm: fakeRealm({ id: "another" }),
      store,
      settings: { anonymous: "allow" },
      routes: (routes) => {
        routes.get("/warning", (req, res) => void res.json(passwordWarning(req) ?? null));
      },
    });
    const here = await request(app).get("/warning").set("Cookie", cookie).expect(200);
    const there = await request(other.app).get("/warning").set("Cookie", cookie).expect(200);
    assert.notEqual(here.body, null);
    assert.equal(there.body, null);
  });

  const unreadable = [
    "",
    "{",
    "null",
    "[]",
    '{"isShown":"no"}',
    '{"isShown":false,"expiresAt":"x"}',
    5,
  ];
  for (const stored of unreadable) {
    it(`is not told of ${JSON.stringify(stored)} in a session`, async () => {
      const { app } = webApp(createExpress, {
        routes: (routes) => {
          routes.get("/plant", (req, res) => {
            Object.assign(req.session, { authnzLdapWarning: stored });
            res.end();
          });
          routes.get("/warning", (req, res) => void res.json(passwordWarning(req) ?? null));
        },
      });
      const agent = request.agent(app);
      await agent.post("/login").type("form").send({ username: "web1", password: "web1-pw" });
      await agent.get("/plant").expect(200);
      assert.equal((await agent.get("/warning").expect(200)).body, null);
      await agent.get("/login").expect(303);
    });
  }

  it("is told so in the application's own words, escaped", async () => {
    const texts = {
      warning: ({ expiresIn = 0 }) => `Noch ${Math.ceil(expiresIn / 86_400)} Tage ${EVIL}`,
    };
    const { app } = appWith(createExpress, { warning }, { texts });
    const agent = request.agent(app);
    await agent.post("/login").type("form").send({ username: "web9", password: "web9-pw" });
    const { text } = await agent.get("/login").expect(200);
    assert.match(text, /Noch 3 Tage &quot;&#39;&gt;&lt;script&gt;/);
    assert.doesNotMatch(text, /<script/);
  });

  it("is signed in although the application's words are a mistake, which is logged", async () => {
    const late = async () => {
      throw new Error("late");
    };
    const texts = { warning: late as unknown as () => string };
    const { app, realm } = appWith(createExpress, { warning }, { texts });
    const agent = request.agent(app);
    await agent.post("/login").type("form").send({ username: "web9", password: "web9-pw" });
    assert.equal((await agent.get("/login").expect(500)).body.code, "misconfigured");
    assert.match(JSON.stringify(realm.records), /texts\.warning must return/);
    await agent.get("/").expect(200);
  });

  it("is the same session as ever where there is nothing to tell", async () => {
    const { app } = appWith(createExpress, {}, { login: SETTINGS.login });
    const agent = request.agent(app);
    const { headers } = await agent
      .post("/login")
      .type("form")
      .send({ username: "web9", password: "web9-pw", returnTo: "/x" })
      .expect(303);
    assert.equal(headers.location, "/x");
  });
});
