import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import supertest from "supertest";
import { ACCOUNTS_TO_TRY } from "../../example-app/accounts.ts";
import { createApp } from "../../example-app/app.ts";
import {
  type BuiltInDirectory,
  startBuiltInDirectory,
} from "../../example-app/built-in-directory.ts";
import { ldapOptionsOf } from "../../example-app/ldap-options.ts";

const NOTHING = { bindDn: undefined, bindPasswordFile: undefined, caFile: undefined };

describe("the intranet's people with special accounts", () => {
  let builtIn: BuiltInDirectory;
  let created: ReturnType<typeof createApp>;
  before(async () => {
    builtIn = await startBuiltInDirectory();
    const { url, ca } = builtIn;
    const options = ldapOptionsOf(url, { ...NOTHING, ca, passwordChange: true });
    const ldapOptions = { ...options, log: () => {} };
    created = createApp({ ldapOptions, sessionSecret: "test" });
  });
  after(async () => {
    await created?.ldap.close();
    await builtIn?.directory.close();
  });

  const browser = () => supertest.agent(created.app).set("Accept", "text/html");
  const signIn = (agent: ReturnType<typeof browser>, username: string, password?: string) =>
    agent
      .post("/login")
      .type("form")
      .send({ username, password: password ?? `${username}-pw` });

  it("are those that are told of at the start", () => {
    const names = ACCOUNTS_TO_TRY.map(([username]) => username);
    assert.deepEqual(names, ["newcomer", "dutiful", "forgetful", "leaver"]);
  });

  it("are kept out where the account is disabled", async () => {
    assert.match((await signIn(browser(), "leaver").expect(403)).text, /account is disabled/);
  });

  it("are told what becomes of their password, at the login and on the start page", async () => {
    for (const [username, atLogin, onStart] of [
      ["dutiful", /expires in 3 days/, /expires in 3 days\. <a href="\/password">/],
      ["forgetful", /expired: 3 logins left/, /expired: 3 more logins\. <a href="\/password">/],
    ] as const) {
      const agent = browser();
      const { headers } = await signIn(agent, username).expect(303);
      assert.match((await agent.get(String(headers.location)).expect(200)).text, atLogin);
      assert.match((await agent.get("/").expect(200)).text, onStart);
    }
  });

  it("choose a new password, and come in with it", async () => {
    const agent = browser();
    assert.match((await signIn(agent, "newcomer").expect(403)).text, /choose a new password/);
    const send = (newPassword: string) =>
      agent
        .post("/password")
        .type("form")
        .send({
          ...{ username: "newcomer", oldPassword: "newcomer-pw" },
          ...{ newPassword, confirmation: newPassword },
        });
    assert.match((await send("short").expect(422)).text, /quality checking/);
    await send("a-longer-one").expect(200);
    await signIn(agent, "newcomer").expect(401);
    await signIn(agent, "newcomer", "a-longer-one").expect(303);
    assert.match((await agent.get("/").expect(200)).text, /<a href="\/password">Change your pass/);
  });

  it("are offered no change where the app was not told that they may", async () => {
    const { url, ca } = builtIn;
    const options = { ...ldapOptionsOf(url, { ...NOTHING, ca }), log: () => {} };
    const { app, ldap } = createApp({ ldapOptions: options, sessionSecret: "test" });
    const agent = supertest.agent(app).set("Accept", "text/html");
    await signIn(agent, "web1").expect(303);
    assert.doesNotMatch((await agent.get("/").expect(200)).text, /password/);
    await agent.get("/password").expect(404);
    await ldap.close();
  });
});
