import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { MemoryStore } from "express-session";
import request from "supertest";
import type { PasswordChangeResult } from "../../src/authentication/password-change.ts";
import { DirectoryError } from "../../src/errors.ts";
import type { LdapEvent } from "../../src/events.ts";
import type { Realm } from "../../src/web/realm.ts";
import type { WebSettings } from "../../src/web/web-settings.ts";
import { fakeRealm, personOf } from "../support/fake-realm.ts";
import {
  type CreateExpress,
  onEachExpress,
  SETTINGS,
  signedIn,
  type WebAppOptions,
  webApp,
} from "../support/web-app.ts";

const CHANGE = { username: "web1", oldPassword: "web1-pw", newPassword: "fresh-pw" };
const FORM = { ...CHANGE, confirmation: "fresh-pw" };
const EVIL = `"'><script>alert(1)</script>&amp;`;

function changingApp(
  createExpress: CreateExpress,
  settings: Partial<WebSettings> = {},
  options: Omit<WebAppOptions, "settings" | "realm"> = {},
) {
  const realm = fakeRealm({ changes: true });
  const all = { passwordChange: { path: "/password" }, ...settings };
  const { app } = webApp(createExpress, { realm, settings: all, ...options });
  const post = (body: string | object = FORM, type = "form") =>
    request(app).post("/password").type(type).send(body);
  return { app, realm, post };
}

onEachExpress("the page to change a password", (createExpress) => {
  it("is a form that nobody keeps, and that password managers know", async () => {
    const { app, realm } = changingApp(createExpress);
    const { text, headers } = await request(app).get("/password?returnTo=/reports").expect(200);
    assert.match(text, /<form method="post" action="\/password"/);
    assert.match(text, /name="username"[^>]*autocomplete="username"[^>]*autofocus/);
    assert.match(text, /name="oldPassword"[^>]*autocomplete="current-password"/);
    assert.match(text, /name="newPassword"[^>]*autocomplete="new-password"/);
    assert.match(text, /name="confirmation"[^>]*autocomplete="new-password"/);
    assert.match(text, /name="returnTo" value="\/reports"/);
    for (const id of ["username", "oldPassword", "newPassword", "confirmation"]) {
      assert.match(text, new RegExp(`<label for="${id}">`));
      assert.match(text, new RegExp(`<input id="${id}"[^>]* required`));
    }
    assert.doesNotMatch(text, /<script|\son\w+=|\sstyle=/);
    assert.equal(headers["cache-control"], "no-store");
    assert.equal(headers["referrer-policy"], "same-origin");
    assert.equal(headers["set-cookie"], undefined);
    await request(app).head("/password").expect(200);
    assert.deepEqual(realm.changesAsked, []);
  });

  it("knows who is signed in, by session or as the browser says", async () => {
    const { app } = changingApp(createExpress);
    const agent = await signedIn(app, "web3");
    const shown = await agent.get("/password").expect(200);
    assert.match(shown.text, /id="username"[^>]* value="web3"/);
    assert.match(shown.text, /id="oldPassword"[^>]* autofocus/);
    const basic = await request(app).get("/password").auth(EVIL, "wrong").expect(200);
    assert.match(basic.text, /value="&quot;&#39;&gt;&lt;script&gt;/);
    assert.doesNotMatch(basic.text, /<script/);
  });

  it("takes only paths of this site to come back to", async () => {
    const { app, post } = changingApp(createExpress);
    for (const evil of [
      "https://evil.example",
      "//evil.example",
      "/\\evil.example",
      "javascript:0",
    ]) {
      const address = `/password?returnTo=${encodeURIComponent(evil)}`;
      const shown = await request(app).get(address).expect(200);
      const failed = await post({ ...FORM, oldPassword: "x", returnTo: evil }).expect(401);
      for (const { text } of [shown, failed]) {
        assert.match(text, /name="returnTo" value="\/"/);
        assert.doesNotMatch(text, /evil|javascript:/);
      }
    }
  });

  it("is linked from the login page, and handed to its view", async () => {
    const { app } = changingApp(createExpress);
    const { text } = await request(app).get("/login?returnTo=/reports").expect(200);
    assert.match(text, /<a href="\/password\?returnTo=%2Freports">Change your password<\/a>/);
    const view = ({ passwordHref }: { passwordHref?: string }) => `<p>${passwordHref}</p>`;
    const own = changingApp(createExpress, { login: { ...SETTINGS.login, view } });
    const shown = await request(own.app).get("/login").expect(200);
    assert.equal(shown.text, "<p>/password?returnTo=%2F</p>");
  });

  it("is not there where it is off, or where the realm does not offer it", async () => {
    const off = changingApp(createExpress, { passwordChange: false });
    const unable = webApp(createExpress, { settings: { passwordChange: { path: "/password" } } });
    for (const { app, realm } of [off, unable]) {
      await request(app).get("/password").expect(401);
      await request(app).post("/password").type("form").send(FORM).expect(401);
      const { text } = await request(app).get("/login").expect(200);
      assert.doesNotMatch(text, /Change your password/);
      const agent = await signedIn(app);
      await agent.get("/password").expect(404);
      assert.deepEqual(realm.changesAsked, []);
    }
  });

  it("is where the options say, below where it is mounted", async () => {
    const passwordChange = { path: "/account/new" };
    const { app } = changingApp(createExpress, { passwordChange }, { mount: "/intranet" });
    const { text } = await request(app).get("/intranet/account/new").expect(200);
    assert.match(text, /action="\/intranet\/account\/new"/);
    assert.match(text, /name="returnTo" value="\/intranet"/);
    const done = await request(app).post("/intranet/account/new").type("form").send(FORM);
    assert.equal(done.status, 200);
    assert.match(done.text, /href="\/intranet\/login\?returnTo=%2Fintranet">Sign in/);
  });

  it("works without sessions", async () => {
    const { app, post } = changingApp(createExpress, {}, { store: false });
    await request(app).get("/password").expect(200);
    const { text } = await post().expect(200);
    assert.match(text, /Your password was changed/);
    assert.doesNotMatch(text, /href="[^"]*login/);
    await request(app).get("/").auth("web1", "web1-pw").expect(401);
    await request(app).get("/").auth("web1", "fresh-pw").expect(200);
  });

  it("answers other methods with 405", async () => {
    const { app, realm } = changingApp(createExpress);
    for (const method of ["put", "delete", "patch", "options"] as const) {
      const { headers } = await request(app)[method]("/password").expect(405);
      assert.equal(headers.allow, "GET, HEAD, POST");
    }
    assert.deepEqual(realm.changesAsked, []);
  });

  it("shows what a store or a directory that is away can't tell as 503", async () => {
    const { app, realm } = changingApp(createExpress, {
      session: { ...SETTINGS.session, revalidateAfter: 0 },
    });
    const agent = await signedIn(app);
    realm.before = async () => {
      throw new DirectoryError("down", { code: "unreachable" });
    };
    await agent.get("/password").expect(503);
    await request(app).get("/password").expect(200);
  });
});

onEachExpress("a change of a password", (createExpress) => {
  it("sets the new one, starts no session, and leads to the login", async () => {
    const { app, realm, post } = changingApp(createExpress);
    const { text, headers } = await post({ ...FORM, returnTo: "/reports" }).expect(200);
    assert.match(text, /Your password was changed/);
    assert.match(text, /href="\/login\?returnTo=%2Freports">Sign in/);
    assert.equal(headers["cache-control"], "no-store");
    assert.equal(headers["set-cookie"], undefined);
    assert.deepEqual(realm.changesAsked, [CHANGE]);
    const signIn = (password: string) =>
      request(app).post("/login").type("form").send({ username: "web1", password });
    await signIn("web1-pw").expect(401);
    await signIn("fresh-pw").expect(303);
  });

  it("answers JSON with JSON, and needs no confirmation there", async () => {
    const { post } = changingApp(createExpress);
    const { body, headers } = await post(CHANGE, "json").expect(200);
    assert.equal(body.changed, true);
    assert.equal(headers["cache-control"], "no-store");
    const differs = { ...CHANGE, newPassword: "other", confirmation: "othre" };
    assert.equal((await post(differs, "json").expect(422)).body.code, "passwords-differ");
  });

  it("ends the session of the browser that sent it", async () => {
    const { app } = changingApp(createExpress);
    const agent = await signedIn(app);
    await agent.post("/password").type("form").send(FORM).expect(200);
    await agent.get("/").expect(401);
    const { text } = await agent.get("/login").expect(200);
    assert.match(text, /role="status">Your password was changed/);
  });

  it("ends the sessions of that person in other browsers, and nobody else's", async () => {
    const { app, realm, post } = changingApp(createExpress);
    const other = await signedIn(app);
    const somebody = await signedIn(app, "web3");
    assert.match((await post().expect(200)).text, /sign in with the new one, in all your browsers/);
    await other.get("/").expect(401);
    await somebody.get("/").expect(200);
    const again = await post({ ...CHANGE, oldPassword: "fresh-pw", newPassword: "x" }, "json");
    assert.deepEqual(again.body, { changed: true, signedOut: true });
    assert.equal(realm.people.get("web1")?.password, "x");
  });

  it("tells of a store that fails after the change, and that the password is changed", async () => {
    const store = new MemoryStore();
    const { app, realm, post } = changingApp(createExpress, {}, { store });
    const agent = await signedIn(app);
    store.set = (_id, _session, done) => done?.(new Error("down"));
    const { text } = await agent.post("/password").type("form").send(FORM).expect(200);
    assert.match(text, /Your password was changed\. Other browsers may still be signed in/);
    assert.equal(realm.people.get("web1")?.password, "fresh-pw");
    const { body } = await post({ ...CHANGE, oldPassword: "fresh-pw", newPassword: "x" }, "json");
    assert.deepEqual(body, { changed: true, signedOut: true });
    assert(realm.records.some(({ event }) => event === "session-store-failed"));
  });

  it("has what was remembered of the old one forgotten", async () => {
    const forgotten = new Set<string>();
    const changePassword: Realm["changePassword"] = async ({ username }) => {
      if (username !== " WEB1") return { outcome: "wrong-credentials", reason: "unknown-user" };
      return { outcome: "changed", person: personOf("web1", []) };
    };
    const forget = (name: string) => forgotten.add(name);
    const realm = Object.assign(fakeRealm(), { forget, changePassword });
    const settings = { passwordChange: { path: "/password" } };
    const { app } = webApp(createExpress, { realm, settings });
    const post = (form: object = FORM) => request(app).post("/password").type("form").send(form);
    await post().expect(401);
    assert.deepEqual([...forgotten], []);
    await post({ ...FORM, username: " WEB1" }).expect(200);
    assert.deepEqual([...forgotten].sort(), [" WEB1", "web1"]);
  });

  it("tells events of guesses, and of sessions that ended", async () => {
    const realm = fakeRealm({ changes: true });
    const events: LdapEvent[] = [];
    Object.assign(realm, { observe: (event: LdapEvent) => events.push(event) });
    const settings = { passwordChange: { path: "/password" } };
    const { app } = webApp(createExpress, { realm, settings });
    await signedIn(app);
    events.length = 0;
    const post = (form: object) => request(app).post("/password").type("form").send(form);
    await post({ ...FORM, oldPassword: "wrong" }).expect(401);
    await post(FORM).expect(200);
    const told = events.map((event) => [event.type, "reason" in event ? event.reason : ""]);
    assert.deepEqual(told, [
      ["refusal", "wrong-password"],
      ["revocation", "revoked"],
    ]);
    assert.equal(events.findLast((event) => event.type === "revocation")?.sessions, 1);
    assert.doesNotMatch(JSON.stringify(events), /-pw|wrong"}/);
  });

  it("leaves that session where it fails", async () => {
    const { app } = changingApp(createExpress);
    const agent = await signedIn(app);
    await agent
      .post("/password")
      .type("form")
      .send({ ...FORM, oldPassword: "x" })
      .expect(401);
    await agent.get("/").expect(200);
  });

  const own: readonly (readonly [string, object, string])[] = [
    ["the old one", { newPassword: "web1-pw", confirmation: "web1-pw" }, "password-unchanged"],
    ["two that differ", { confirmation: "fresh-pW" }, "passwords-differ"],
    ["two that differ by a space", { confirmation: "fresh-pw " }, "passwords-differ"],
    ["none", { newPassword: "", confirmation: "" }, "password-unusable"],
    ["NUL", { newPassword: "\0x", confirmation: "\0x" }, "password-unusable"],
    ["a line feed", { newPassword: "a\nb", confirmation: "a\nb" }, "password-unusable"],
    [
      "1,025 bytes",
      { newPassword: `${"ä".repeat(512)}x`, confirmation: `${"ä".repeat(512)}x` },
      "password-unusable",
    ],
    ["a lone surrogate", { newPassword: "\ud800", confirmation: "\ud800" }, "password-unusable"],
  ];
  for (const [what, fields, code] of own) {
    it(`refuses ${what} for the new one with 422, asking nobody`, async () => {
      const { realm, post } = changingApp(createExpress);
      const { body, type } = await post({ ...FORM, ...fields }, "json").expect(422);
      assert.equal(type, "application/problem+json");
      assert.equal(body.code, code);
      assert.deepEqual(realm.changesAsked, []);
    });
  }

  it("shows the form again with the name and what is wrong, and no password", async () => {
    const { post } = changingApp(createExpress);
    const form = {
      ...{ username: EVIL, oldPassword: "canary-1", newPassword: "canary-2" },
      ...{ confirmation: "canary-3", returnTo: "/reports" },
    };
    const { text } = await post(form).expect(422);
    assert.match(text, /role="alert" tabindex="-1" autofocus>The new password was not typed/);
    assert.equal(text.match(/aria-describedby="error"/g)?.length, 4);
    assert.equal(text.match(/ autofocus/g)?.length, 1);
    assert.match(text, /value="&quot;&#39;&gt;&lt;script&gt;/);
    assert.match(text, /name="returnTo" value="\/reports"/);
    assert.doesNotMatch(text, /canary|<script/);
  });

  it("says the same to a wrong password, an unknown name, and what can't be looked up", async () => {
    const { realm, post } = changingApp(createExpress);
    for (const fields of [{ oldPassword: "wrong" }, { username: "nosuch" }]) {
      const { text, headers } = await post({ ...FORM, ...fields }).expect(401);
      assert.match(text, /Wrong user name or password\. Please try again\./);
      assert.equal(headers["www-authenticate"], 'FormLogin realm="Intranet"');
      const { body } = await post({ ...FORM, ...fields }, "json").expect(401);
      assert.equal(body.code, "invalid-credentials");
    }
    const asked = realm.changesAsked.length;
    for (const fields of [{ oldPassword: "" }, { username: "" }, { username: "a\nb" }]) {
      assert.match((await post({ ...FORM, ...fields }).expect(401)).text, /Wrong user name/);
    }
    assert.equal(realm.changesAsked.length, asked);
  });

  it("counts wrong old passwords together with those of the login", async () => {
    const throttle = { failures: 3, window: 300_000 };
    const { app, realm, post } = changingApp(createExpress, { throttle });
    const wrong = { ...FORM, oldPassword: "wrong" };
    await post(wrong).expect(401);
    await request(app).post("/login").send({ username: "web1", password: "w" }).expect(401);
    await post({ ...wrong, oldPassword: "wrong2" }).expect(401);
    const { headers, text } = await post().expect(429);
    assert.match(String(headers["retry-after"]), /^[1-9]/);
    assert.match(text, /too many failed tries/);
    await request(app).post("/login").send({ username: "web1", password: "web1-pw" }).expect(429);
    assert.equal(realm.changesAsked.length, 2);
    assert.equal(realm.people.get("web1")?.password, "web1-pw");
  });

  it("counts N guesses at once as N", async () => {
    const throttle = { failures: 3, window: 300_000 };
    const { realm, post } = changingApp(createExpress, { throttle });
    const tries = Array.from({ length: 12 }, (_, n) => post({ ...FORM, oldPassword: `wrong${n}` }));
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    assert.equal(statuses.filter((status) => status === 401).length, 3);
    assert.equal(statuses.filter((status) => status === 429).length, 9);
    assert.equal(realm.changesAsked.length, 3);
  });

  const uncounted: readonly (readonly [PasswordChangeResult, number, string])[] = [
    [{ outcome: "refused", text: undefined }, 422, "password-refused"],
    [{ outcome: "not-possible", state: undefined }, 403, "password-not-changeable"],
    [{ outcome: "not-possible", state: "password-expired" }, 403, "password-expired"],
    [{ outcome: "wrong-credentials", reason: "unavailable" }, 401, "invalid-credentials"],
  ];
  for (const [result, status, code] of uncounted) {
    it(`answers ${JSON.stringify(result)} with ${status}, which is no guess and proves nothing`, async () => {
      const throttle = { failures: 2, window: 300_000 };
      const { realm, post } = changingApp(createExpress, { throttle });
      await post({ ...FORM, oldPassword: "wrong" }).expect(401);
      realm.policy = () => result;
      for (let n = 0; n < 4; n++) {
        assert.equal((await post(FORM, "json").expect(status)).body.code, code);
      }
      assert.equal(realm.people.get("web1")?.password, "web1-pw");
      realm.policy = () => undefined;
      await post({ ...FORM, oldPassword: "wrong" }).expect(401);
      await post().expect(429);
    });
  }

  it("shows the directory's own words for what it does not like, escaped, cut and in one line", async () => {
    const { realm, post } = changingApp(createExpress);
    realm.policy = () => ({ outcome: "refused", text: "Password is in history of old passwords" });
    const { text } = await post().expect(422);
    assert.match(text, /does not accept this password: Password is in history of old passwords</);
    realm.policy = () => ({ outcome: "refused", text: `${EVIL}\r\n\u202e${"x".repeat(5_000)}` });
    const evil = await post().expect(422);
    assert.match(evil.text, /&quot;&#39;&gt;&lt;script&gt;/);
    assert.doesNotMatch(evil.text, /<script|\u202e|x{400}/);
    realm.policy = () => ({ outcome: "refused", text: "  " });
    assert.match((await post().expect(422)).text, /It may be too short, too simple/);
  });

  it("sends people to their administrator where nothing can be changed", async () => {
    const { realm, post } = changingApp(createExpress, { texts: { "account-locked": "Gesperrt" } });
    realm.policy = () => ({ outcome: "not-possible", state: "password-expired" });
    assert.match((await post().expect(403)).text, /expired\. Please contact your administrator/);
    realm.policy = () => ({ outcome: "not-possible", state: undefined });
    assert.match((await post().expect(403)).text, /Please contact your administrator/);
    realm.policy = () => ({ outcome: "not-possible", state: "account-locked" });
    assert.match((await post().expect(403)).text, /Gesperrt/);
  });

  it("is 503 while nobody can say, and does not claim that nothing was changed", async () => {
    const { realm, post } = changingApp(createExpress);
    realm.before = async () => {
      throw new DirectoryError("ldap.example.org is down", { code: "unreachable" });
    };
    const { text, headers } = await post().expect(503);
    assert.match(text, /can&#39;t say whether your password was changed/);
    assert.match(String(headers["retry-after"]), /^[1-9]/);
    assert.doesNotMatch(text, /ldap\.example/);
    assert.equal((await post(CHANGE, "json").expect(503)).body.code, "unavailable");
  });

  it("waits no longer than its time for a directory that does not answer", async () => {
    const realm = fakeRealm({ changes: true, timeout: 100 });
    realm.before = () => new Promise(() => {});
    const settings = { passwordChange: { path: "/password" } };
    const { app } = webApp(createExpress, { realm, settings });
    await request(app).post("/password").send(CHANGE).expect(503);
  });

  it("has its whole time left after a form that came slowly", async (test) => {
    let left = 0;
    const changePassword: Realm["changePassword"] = async (_, deadline) => {
      left = deadline.remaining();
      return { outcome: "refused", text: undefined };
    };
    const realm = Object.assign(fakeRealm({ timeout: 100 }), { changePassword });
    const { app } = webApp(createExpress, {
      realm,
      settings: { passwordChange: { path: "/password" } },
    });
    const server = app.listen(0, "127.0.0.1");
    test.after(() => server.close());
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const body = new URLSearchParams(FORM).toString();
    const headers = {
      "Content-Type": "application/x-www-form-urlencoded",
      "Content-Length": body.length,
    };
    const sending = http.request({ port, path: "/password", method: "POST", headers });
    sending.write(body.slice(0, 10));
    // As long as the visit's own time, which has then passed.
    await wait(150);
    sending.end(body.slice(10));
    const [answer] = await once(sending, "response");
    answer.resume();
    assert.equal(answer.statusCode, 422);
    assert(left > 0, `${left}`);
  });

  it("leaves no password in the log, whatever comes of it", async () => {
    const { realm, post } = changingApp(createExpress);
    const secrets = { oldPassword: "canary-old", newPassword: "canary-new" };
    const form = { ...FORM, ...secrets, confirmation: "canary-new" };
    await post(form).expect(401);
    realm.people.set("web1", { password: "canary-old", levels: [] });
    realm.policy = ({ newPassword }) => ({ outcome: "refused", text: `${newPassword} is weak` });
    await post(form).expect(422);
    realm.policy = () => ({ outcome: "not-possible", state: "account-expired" });
    await post(form).expect(403);
    realm.policy = () => undefined;
    await post(form).expect(200);
    const told = realm.records.map(({ event, details }) => [event, details?.reason]);
    assert.deepEqual(told, [
      ["password-refused", "wrong-password"],
      ["password-refused", "new-password"],
      ["password-refused", "account-expired"],
      ["password-changed", undefined],
      ["revoked", undefined],
    ]);
    assert.doesNotMatch(JSON.stringify(realm.records), /canary/);
  });
});

onEachExpress("what a change of a password is sent as", (createExpress) => {
  const bad: readonly (readonly [string, string, string, number])[] = [
    ["nothing", "form", "", 400],
    ["no new password", "form", "username=web1&oldPassword=web1-pw&confirmation=x", 400],
    ["no old password", "form", "username=web1&newPassword=x&confirmation=x", 400],
    ["no name", "form", "oldPassword=web1-pw&newPassword=x&confirmation=x", 400],
    ["no confirmation", "form", "username=web1&oldPassword=web1-pw&newPassword=x", 400],
    [
      "a new password twice",
      "form",
      "username=web1&oldPassword=web1-pw&newPassword=x&newPassword=x&confirmation=x",
      400,
    ],
    [
      "a list of passwords",
      "form",
      "username=web1&oldPassword[]=web1-pw&newPassword=x&confirmation=x",
      400,
    ],
    ["a number", "json", '{"username":"web1","oldPassword":"web1-pw","newPassword":1}', 400],
    ["a list", "json", '{"username":"web1","oldPassword":["web1-pw"],"newPassword":"x"}', 400],
    ["null", "json", '{"username":"web1","oldPassword":null,"newPassword":"x"}', 400],
    ["an object", "json", '{"username":{},"oldPassword":"x","newPassword":"y"}', 400],
    ["a list of all", "json", '["web1","web1-pw","x"]', 400],
    [
      "a null confirmation",
      "json",
      '{"username":"web1","oldPassword":"web1-pw","newPassword":"x","confirmation":null}',
      400,
    ],
    [
      "an own __proto__",
      "json",
      '{"__proto__":{},"username":"web1","oldPassword":"web1-pw","newPassword":"x"}',
      400,
    ],
    ["broken JSON", "json", '{"username":"web1"', 400],
    ["a large form", "form", `username=web1&oldPassword=${"x".repeat(20_000)}`, 413],
    ["many parameters", "form", `username=web1${"&a=b".repeat(30)}`, 413],
    ["text", "text/plain", "username=web1", 415],
    ["another charset", "application/json; charset=utf-7", "{}", 415],
  ];
  for (const [what, type, body, status] of bad) {
    it(`is refused with ${status} as ${what}, asking nobody`, async () => {
      const { realm, post } = changingApp(createExpress);
      await post(body, type).expect(status);
      assert.deepEqual(realm.changesAsked, []);
    });
  }

  const elsewhere: readonly Readonly<Record<string, string>>[] = [
    { "Sec-Fetch-Site": "cross-site" },
    { "Sec-Fetch-Site": "same-site" },
    { "Sec-Fetch-Site": "none" },
    { Origin: "https://evil.example" },
    { Origin: "null" },
  ];
  for (const headers of elsewhere) {
    it(`is refused from ${JSON.stringify(headers)}, asking nobody`, async () => {
      const { app, realm, post } = changingApp(createExpress);
      const agent = await signedIn(app);
      await post().set(headers).expect(403);
      const { body } = await post(CHANGE, "json").set(headers).expect(403);
      assert.equal(body.code, "cross-site-request");
      await agent.post("/password").set(headers).type("form").send(FORM).expect(403);
      await agent.get("/").expect(200);
      assert.deepEqual(realm.changesAsked, []);
    });
  }

  it("is taken from a page of this site", async () => {
    const { post } = changingApp(createExpress);
    await post().set("Sec-Fetch-Site", "same-origin").expect(200);
  });

  it("is handed over as typed", async () => {
    const { realm, post } = changingApp(createExpress);
    const verbatim = [
      { username: " web1 ", oldPassword: "  ", newPassword: " \u00e9\ud83d\udd11 " },
      { username: "*)(uid=*", oldPassword: "e\u0301", newPassword: "\u00e9" },
      { username: "__proto__", oldPassword: "constructor", newPassword: "toString" },
    ];
    for (const change of verbatim) {
      await post({ ...change, confirmation: change.newPassword }).expect(401);
    }
    assert.deepEqual(realm.changesAsked, verbatim);
  });

  it("may have been read by the app before", async () => {
    const before = [createExpress.json(), createExpress.urlencoded({ extended: true })];
    const { post } = changingApp(createExpress, {}, { before });
    await post().expect(200);
    await post({ ...CHANGE, oldPassword: "fresh-pw", newPassword: "other" }, "json").expect(200);
  });
});
