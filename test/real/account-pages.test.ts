import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import request from "supertest";
import { type AuthnzLdapOptions, authnzLdap, passwordWarning } from "../../src/index.ts";
import { type PolicyDirectory, policyDirectories } from "../support/password-policy.ts";
import { type ProtectedApp, protectedApp } from "../support/protected-app.ts";
import { DOMAIN, type Samba, sambaSkip, startSamba } from "../support/samba.ts";

/** What visitors of an app do. */
function visitorsOf(site: () => ProtectedApp) {
  const signIn = (username: string, password = `${username}-pw`) =>
    request(site().url).post("/login").type("form").send({ username, password });
  const basic = (username: string, password = `${username}-pw`) =>
    request(site().url).get("/").auth(username, password);
  const change = (username: string, newPassword: string, oldPassword = `${username}-pw`) =>
    request(site().url)
      .post("/password")
      .type("form")
      .send({ username, oldPassword, newPassword, confirmation: newPassword });
  return { signIn, basic, change };
}

function openSite(options: AuthnzLdapOptions): Promise<ProtectedApp> {
  return protectedApp({ passwordChange: true, cache: {}, ...options }, (app) => {
    app.get("/warning", (req, res) => void res.json(passwordWarning(req) ?? null));
  });
}

for (const { name: program, skip, start } of policyDirectories) {
  describe(`an app on ${program} with a password policy`, { skip }, () => {
    let server: PolicyDirectory;
    let site: ProtectedApp;
    before(async () => {
      server = await start();
    });
    beforeEach(async () => {
      const url = `${server.ldapsUrl}/dc=domain,dc=org?uid?sub`;
      site = await openSite({ url, tls: { ca: server.ca } });
    });
    afterEach(() => site.close());
    after(() => server.close());
    const { signIn, basic, change } = visitorsOf(() => site);

    it("tells who has the right password that the account has expired, and gives no session", async () => {
      const form = await signIn("left").expect(403);
      assert.match(form.text, /Your account has expired/);
      assert.equal(form.headers["set-cookie"], undefined);
      assert.equal((await basic("left").expect(403)).body.code, "account-expired");
      assert.equal((await basic("left", "wrong").expect(401)).body.code, "invalid-credentials");
    });

    it("tells nobody of a lock, as the server does whatever the password is", async () => {
      const right = await signIn("banned").expect(401);
      const wrong = await signIn("banned", "wrong").expect(401);
      assert.equal(right.text, wrong.text);
    });

    it("warns of a password that expires, and of one that has expired", async () => {
      for (const [uid, words] of [
        ["soon", /Your password expires in [45] minutes\./],
        ["grace", /Your password has expired: 1 login left\./],
      ] as const) {
        const agent = request.agent(site.url);
        const form = { username: uid, password: `${uid}-pw` };
        const { headers } = await agent.post("/login").type("form").send(form).expect(303);
        const { text } = await agent.get(String(headers.location)).expect(200);
        assert.match(text, words);
        assert.match(text, /href="\/password\?returnTo=%2F">Change it/);
        assert.notEqual((await agent.get("/warning").expect(200)).body, null);
      }
      const { headers } = await signIn("other").expect(303);
      assert.equal(headers.location, "/");
    });

    it("has who must change their password do so before anything else", async () => {
      const { text } = await signIn("reset").expect(403);
      assert.match(text, /Please choose a new password before you go on/);
      assert.match(text, /<form method="post" action="\/password"/);
      await basic("reset").expect(403);
      assert.match((await change("reset", "short").expect(422)).text, /quality checking policy/);
      await change("reset", "a-longer-one", "wrong").expect(401);
      await change("reset", "a-longer-one").expect(200);
      await signIn("reset").expect(401);
      await signIn("reset", "a-longer-one").expect(303);
      const again = await change("reset", "reset-pw", "a-longer-one").expect(422);
      assert.match(again.text, /Password is in history of old passwords/);
    });

    it("takes an old password nowhere any more: in sessions, with Basic, in memory", async () => {
      const agent = request.agent(site.url);
      await agent.post("/login").type("form").send({ username: "fresh", password: "fresh-pw" });
      await agent.get("/").expect(200);
      await basic("fresh").expect(200);
      await basic("fresh").expect(200);
      await change("fresh", "a-longer-one").expect(200);
      await agent.get("/").expect(401);
      await basic("fresh").expect(401);
      await basic("fresh", "a-longer-one").expect(200);
    });

    it("sends who can't change it any more to their administrator", async () => {
      assert.match((await signIn("expired").expect(403)).text, /action="\/password"/);
      const { text } = await change("expired", "a-longer-one").expect(403);
      assert.match(text, /Your password has expired\. Please contact your administrator/);
    });

    it("changes nothing for a wrong old password, or a name that is a pattern", async () => {
      await change("other", "a-longer-one", "wrong").expect(401);
      await change("nobody", "a-longer-one").expect(401);
      await change("*", "a-longer-one", "other-pw").expect(401);
      await signIn("other", "a-longer-one").expect(401);
      await signIn("other").expect(303);
    });
  });
}

describe("an app on Active Directory (Samba)", { skip: sambaSkip }, () => {
  let samba: Samba;
  let site: ProtectedApp;
  before(async () => {
    samba = await startSamba();
    for (const name of ["alice", "bob", "carol", "reader"]) {
      const more = name === "carol" ? ["--must-change-at-next-login"] : [];
      await samba.tool("user", "create", name, `${name}-pw`, ...more);
    }
    await samba.tool("user", "disable", "bob");
    await samba.tool("domain", "passwordsettings", "set", "--min-pwd-length=5");
    site = await openSite({
      url: `${samba.ldapsUrl}/${DOMAIN}?sAMAccountName?sub?(objectClass=user)`,
      bindDn: "reader@ad.example",
      bindPassword: "reader-pw",
      tls: { ca: samba.ca },
    });
  });
  after(async () => {
    await site?.close();
    await samba?.close();
  });
  const { signIn, basic, change } = visitorsOf(() => site);

  it("tells who has the right password that the account is disabled", async () => {
    assert.match((await signIn("bob").expect(403)).text, /Your account is disabled/);
    assert.equal((await basic("bob").expect(403)).body.code, "account-disabled");
    await signIn("bob", "wrong").expect(401);
  });

  it("has who must change their password do so before anything else", async () => {
    assert.match((await signIn("carol").expect(403)).text, /choose a new password/);
    assert.match((await change("carol", "four").expect(422)).text, /the password is too short/);
    await change("carol", "a-longer-one", "wrong").expect(401);
    await change("carol", "a-longer-one").expect(200);
    await signIn("carol", "a-longer-one").expect(303);
  });

  it("ends sessions with a change", async () => {
    const agent = request.agent(site.url);
    await agent.post("/login").type("form").send({ username: "alice", password: "alice-pw" });
    await agent.get("/").expect(200);
    await change("alice", "a-longer-one").expect(200);
    await agent.get("/").expect(401);
    await signIn("alice", "a-longer-one").expect(303);
  });
});

describe("changing passwords", () => {
  it("is refused at start where passwords would cross the network in clear", () => {
    const url = "ldap://ldap.example.org/dc=x NONE" as const;
    assert.throws(() => authnzLdap({ url, passwordChange: true, log: () => {} }), /needs TLS/);
  });
});
