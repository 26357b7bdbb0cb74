import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import request from "supertest";
import type TestAgent from "supertest/lib/agent.js";
import { ConfigError, DirectoryError } from "../../src/errors.ts";
import {
  type AuthnzLdapOptions,
  authnzLdap,
  passwordFile,
  type RevocationEvent,
  requireValidUser,
  subscribe,
} from "../../src/index.ts";
import type { LogRecord } from "../../src/log.ts";
import type { LdapTable } from "../../src/tables/ldap-table.ts";
import type { TestDirectory } from "../../src/testing/index.ts";
import { cramMd5 } from "../support/challenge-client.ts";
import { administrator, startFixtureDirectory } from "../support/fixture-directory.ts";
import { type MemoryTable, tableOf } from "../support/memory-table.ts";
import { type ProtectedApp, protectedApp } from "../support/protected-app.ts";

const BLOG = "This account is not allowed to send emails, plz talk to abuse@example.org";
const MAIL = "testuser2@domain.org";
const AWAY = new DirectoryError("away", { code: "unreachable" });

describe("restrictions", () => {
  let directory: TestDirectory;
  let table: MemoryTable;
  let site: ProtectedApp;
  let records: LogRecord[];

  beforeEach(async () => {
    directory = await startFixtureDirectory();
    table = tableOf({}, "suspended.cf");
    records = [];
  });
  afterEach(async () => {
    await site.close();
    await directory.close();
  });

  const urlOf = (attributes = "uid,mail") =>
    `${directory.url}/ou=people,dc=domain,dc=org?${attributes}`;

  async function open(options: Partial<AuthnzLdapOptions> = {}): Promise<void> {
    site = await protectedApp({
      ...{ url: urlOf(), restrictions: [table], timeout: 2_000 },
      log: (record) => void records.push(record),
      ...options,
    });
  }
  const form = (password = "testuser2-pw", name = "testuser2") =>
    request(site.url).post("/login").type("form").send({ username: name, password });
  const json = () =>
    request(site.url).post("/login").send({ username: "testuser2", password: "testuser2-pw" });
  const basic = (password = "testuser2-pw") =>
    request(site.url).get("/").auth("testuser2", password);

  async function signedIn(): Promise<TestAgent> {
    const agent = request.agent(site.url);
    await agent
      .post("/login")
      .type("form")
      .send({ username: "testuser2", password: "testuser2-pw" })
      .expect(303);
    return agent;
  }

  describe("at a login", () => {
    it("let in whom no table refuses", async () => {
      await open();
      await form().expect(303);
      await json().expect(200);
      await basic().expect(200);
      assert.deepEqual(table.asked, [MAIL, MAIL, MAIL]);
    });

    it("refuse with the administrator's words after the right password, by form, JSON and Basic", async () => {
      table.says({ [MAIL]: [`REJECT ${BLOG}`] });
      await open();
      const page = await form().expect(403);
      assert(page.text.includes(`${BLOG} (554 5.7.1)`), page.text);
      assert.match(page.text, /role="alert"/);
      assert.match(page.text, /value="testuser2"/);
      assert.doesNotMatch(page.text, /testuser2-pw/);
      for (const answer of [await json().expect(403), await basic().expect(403)]) {
        assert.equal(answer.type, "application/problem+json");
        const { code, detail, smtpCode, enhancedStatus } = answer.body;
        assert.deepEqual(
          { code, detail, smtpCode, enhancedStatus },
          { code: "restricted", detail: BLOG, smtpCode: 554, enhancedStatus: "5.7.1" },
        );
      }
      for (const { headers } of [page, await json(), await basic()]) {
        assert.equal(headers["set-cookie"], undefined);
        assert.equal(headers["www-authenticate"], undefined);
        assert.equal(headers["cache-control"], "no-store");
      }
      const refused = records.filter(({ event }) => event === "login-refused");
      assert(refused.every(({ details }) => details?.reason === "restricted"));
      assert.equal(refused.length, 5);
      assert.equal(site.ldap.metrics().refusals.restricted, 5);
      assert.equal(site.ldap.metrics().restrictions.rejected, 5);
    });

    it("show who has a wrong password nothing of them, and ask no table", async () => {
      table.says({ [MAIL]: [`REJECT ${BLOG}`] });
      await open();
      const wrong = await form("wrong").expect(401);
      const nobody = await form("wrong", "nobody").expect(401);
      assert.equal(wrong.text.replaceAll("testuser2", "nobody"), nobody.text);
      assert.equal((await basic("wrong").expect(401)).body.code, "invalid-credentials");
      assert.deepEqual(table.asked, []);
    });

    it("answer 503 and Retry-After where a table defers", async () => {
      table.says({ [MAIL]: ["450 4.2.1 come back later"] });
      await open();
      const page = await form().expect(503);
      assert(page.text.includes("come back later (450 4.2.1)"));
      for (const answer of [page, await json().expect(503), await basic().expect(503)]) {
        assert.equal(answer.headers["retry-after"], "300");
        assert.equal(answer.headers["set-cookie"], undefined);
      }
    });

    it("answer 503 where a table could not say, or says what is no answer", async () => {
      for (const says of [AWAY, { [MAIL]: ["DISCARD"] }, { [MAIL]: ["OK", "OK"] }]) {
        table.says(says);
        await open();
        for (const answer of [await form(), await json(), await basic()]) {
          assert.equal(answer.status, 503);
          assert.equal(answer.headers["set-cookie"], undefined);
        }
        await site.close();
      }
      await open();
    });

    it("answer 503 where a table never answers", async () => {
      const silent: LdapTable = { ...table, lookup: () => new Promise(() => {}) };
      await open({ restrictions: [silent], timeout: 300 });
      await form().expect(503);
      await basic().expect(503);
    });

    it("count as no wrong guess", async () => {
      table.says({ [MAIL]: ["REJECT"] });
      await open({ throttle: { failures: 2 } });
      for (let n = 0; n < 4; n++) await form().expect(403);
      for (let n = 0; n < 4; n++) await basic().expect(403);
      table.says({});
      await form().expect(303);
      await form("wrong").expect(401);
      await form("wrong").expect(401);
      await form().expect(429);
    });

    it("are shown as text, whatever they say", async () => {
      table.says({ [MAIL]: [`REJECT "'><script>alert(1)</script>\r\nSet-Cookie: a=b`] });
      await open();
      const page = await form().expect(403);
      assert.doesNotMatch(page.text, /<script/);
      assert.match(page.text, /&lt;script&gt;alert\(1\)&lt;\/script&gt; {2}Set-Cookie: a=b/);
      assert.equal(page.headers["set-cookie"], undefined);
    });

    it("ask several tables in turn, as a list of smtpd's: OK ends it", async () => {
      const first = tableOf({ [MAIL]: ["OK"] });
      table.says({ [MAIL]: ["REJECT"] });
      await open({ restrictions: [first, table] });
      await basic().expect(200);
      assert.deepEqual(table.asked, []);
      first.says({ [MAIL]: ["WARN look"] });
      await basic().expect(403);
      assert.equal(site.ldap.metrics().restrictions.noted, 1);
    });

    it("reach who has been remembered when that is over, and are not remembered themselves", async () => {
      await open({ cache: { ttl: 60_000, wrongPasswordTtl: 60_000 } });
      await basic().expect(200);
      table.says({ [MAIL]: ["REJECT"] });
      await basic().expect(200);
      site.ldap.invalidate("testuser2");
      await basic().expect(403);
      await basic().expect(403);
      table.says({});
      await basic().expect(200);
    });

    it("end with the login by form what was remembered for Basic", async () => {
      await open({ cache: { ttl: 60_000 } });
      await basic().expect(200);
      table.says({ [MAIL]: ["REJECT"] });
      await form().expect(403);
      await basic().expect(403);
    });

    it("refuse who answers a challenge, too", async () => {
      directory.apply(
        "dn: uid=testuser2,ou=people,dc=domain,dc=org\nchangetype: modify\nreplace: userPassword\nuserPassword: {PLAIN}testuser2-pw\n-\n",
      );
      await open({
        ...{ passwords: "stored", mechanisms: ["cram-md5"] },
        ...{ bindDn: administrator.dn, bindPassword: administrator.password },
      });
      const signIn = async () => {
        const agent = request.agent(site.url);
        const { body } = await agent.get("/login/challenge").expect(200);
        const response = cramMd5("testuser2", "testuser2-pw", body.challenge);
        return agent.post("/login").send({ mechanism: "CRAM-MD5", response });
      };
      assert.equal((await signIn()).status, 200);
      table.says({ [MAIL]: [`REJECT ${BLOG}`] });
      const { status, body } = await signIn();
      assert.equal(status, 403);
      assert.equal(body.detail, BLOG);
      table.says(AWAY);
      assert.equal((await signIn()).status, 503);
    });

    it("hold for the handle's authenticate and explain", async () => {
      await open();
      const credentials = { username: "testuser2", password: "testuser2-pw" };
      const { rule } = requireValidUser();
      assert.equal((await site.ldap.authenticate(credentials)).ok, true);
      assert.equal((await site.ldap.explain({ username: "testuser2", rule })).outcome, "granted");
      table.says({ [MAIL]: [`REJECT ${BLOG}`] });
      assert.deepEqual(await site.ldap.authenticate(credentials), {
        ok: false,
        reason: "restricted",
        restriction: { kind: "reject", code: 554, enhancedStatus: "5.7.1", text: BLOG },
      });
      const decision = await site.ldap.explain({ username: "testuser2", rule });
      assert.equal(decision.outcome, "denied");
      assert.equal(decision.reason, `a table of restrictions says 554 5.7.1 ${BLOG}`);
      table.says(AWAY);
      await assert.rejects(site.ldap.authenticate(credentials), AWAY);
      assert.equal((await site.ldap.explain({ username: "testuser2", rule })).outcome, "undecided");
    });
  });

  describe("look up", () => {
    it("the name where the URL has no mail", async () => {
      table.says({ testuser2: ["REJECT"] });
      await open({ url: urlOf("uid") });
      await basic().expect(403);
      assert.deepEqual(table.asked, ["testuser2"]);
    });

    it("each mail of somebody, until one is found", async () => {
      table.says({ "a.adams@domain.org": ["REJECT"] });
      await open();
      await request(site.url).get("/").auth("alice", "alice-pw").expect(403);
      assert.deepEqual(table.asked, ["alice@domain.org", "a.adams@domain.org"]);
    });

    it("nobody who has no mail, and refuse them: nobody could say that they may pass", async () => {
      await open();
      directory.apply(
        "dn: uid=testuser2,ou=people,dc=domain,dc=org\nchangetype: modify\ndelete: mail\n-\n",
      );
      assert.equal((await basic().expect(403)).body.detail, "Access denied");
      assert.deepEqual(table.asked, []);
      assert(records.some(({ details }) => details?.action === "no-key"));
    });

    it("the name of somebody of a password file, who can have no mail", async () => {
      const folder = await mkdtemp(join(tmpdir(), "restrictions-"));
      const file = join(folder, "htpasswd");
      await writeFile(file, `filed:{SHA}${hash("sha1", "filed-pw", "base64")}\n`);
      table.says({ filed: ["REJECT"] });
      await open({ otherProviders: [passwordFile({ file })] });
      await request(site.url).get("/").auth("filed", "filed-pw").expect(403);
      assert.deepEqual(table.asked, ["filed"]);
      await rm(folder, { recursive: true });
    });

    it("what the application says, of what it gets to see of them", async () => {
      table.says({ "uid=testuser2/testuser2@domain.org": ["REJECT"] });
      await open({
        restrictions: [
          { table, key: (who) => `${who.dn.split(",")[0]}/${who.values("mail").join()}` },
        ],
      });
      await basic().expect(403);
    });

    it("nothing, and let nobody in, where the application says nothing that could be", async () => {
      for (const [key, status] of [
        [() => "", 403],
        [() => undefined, 403],
        [() => [], 403],
        [() => ["a\0"], 403],
        [() => 1, 500],
        [async () => "a", 500],
        [
          () => {
            throw new Error("a bug");
          },
          500,
        ],
      ] as const) {
        await open({ restrictions: [{ table, key: key as () => string }] });
        assert.equal((await form()).status, status);
        assert.equal((await basic()).status, status);
        await site.close();
      }
      assert.deepEqual(table.asked, []);
      await open();
    });
  });

  describe("of a live session", () => {
    const get = (agent: TestAgent) => agent.get("/").set("Accept", "text/html");

    it("end it, and its owner reads the administrator's words", async () => {
      await open({ session: { revalidateAfter: 0 } });
      const events: RevocationEvent[] = [];
      const stop = subscribe("revocation", (event) => events.push(event));
      const agent = await signedIn();
      await get(agent).expect(200);
      table.says({ [MAIL]: [`REJECT <b>${BLOG}`] });
      await get(agent).expect(303).expect("Location", "/login?returnTo=%2F");
      const page = await agent.get("/login").expect(200);
      stop();
      const notice = `You have been signed out: &lt;b&gt;${BLOG} (554 5.7.1)`;
      assert(page.text.includes(notice), page.text);
      assert.deepEqual(
        events.map(({ username, reason, sessions }) => ({ username, reason, sessions })),
        [{ username: "testuser2", reason: "restricted", sessions: 1 }],
      );
      const record = records.find(({ event }) => event === "signed-out-by-directory");
      assert.equal(record?.details?.reason, "restricted");
      table.says({});
      await get(agent).expect(303);
    });

    it("end it, and a client that opens no page is told at once", async () => {
      await open({ session: { revalidateAfter: 0 } });
      const agent = await signedIn();
      table.says({ [MAIL]: [`REJECT ${BLOG}`] });
      const { body } = await agent.get("/").set("Accept", "application/json").expect(403);
      assert.equal(body.code, "restricted");
      assert.equal(body.detail, BLOG);
      await agent.get("/").set("Accept", "application/json").expect(401);
      table.says({});
      await agent.get("/").set("Accept", "application/json").expect(401);
    });

    it("are looked at with each rereading, and not before", async () => {
      await open({ session: { revalidateAfter: 60_000 } });
      const agent = await signedIn();
      table.says({ [MAIL]: ["REJECT"] });
      await get(agent).expect(200);
      assert.deepEqual(table.asked, [MAIL]);
    });

    it("look up who they are now", async () => {
      await open({ session: { revalidateAfter: 0 } });
      const agent = await signedIn();
      table.says({ "new@domain.org": ["REJECT"] });
      await get(agent).expect(200);
      directory.apply(
        "dn: uid=testuser2,ou=people,dc=domain,dc=org\nchangetype: modify\nreplace: mail\nmail: new@domain.org\n-\n",
      );
      await get(agent).expect(303);
    });

    it("refuse for now where a table defers, and keep the session", async () => {
      await open({ session: { revalidateAfter: 0, staleFor: 60_000 } });
      const agent = await signedIn();
      table.says({ [MAIL]: ["DEFER <i>later"] });
      const page = await get(agent).expect(503);
      assert(page.text.includes("&lt;i&gt;later (450 4.7.1)"));
      assert.equal(page.headers["retry-after"], "300");
      const { body } = await agent.get("/").expect(503);
      assert.equal(body.detail, "<i>later");
      assert.equal(body.code, "deferred");
      table.says({});
      await get(agent).expect(200);
      table.says({ [MAIL]: ["NONSENSE"] });
      await get(agent).expect(503);
      table.says({});
      await get(agent).expect(200);
    });

    it("refuse for now where a table could not say, and keep the session", async () => {
      await open({ session: { revalidateAfter: 0 } });
      const agent = await signedIn();
      table.says(AWAY);
      assert.equal((await agent.get("/").expect(503)).body.code, "unavailable");
      table.says({});
      await get(agent).expect(200);
    });

    it("let it go on while a table is away, for as long as staleFor says", async () => {
      await open({ session: { revalidateAfter: 0, staleFor: 60_000 } });
      const agent = await signedIn();
      table.says(AWAY);
      await get(agent).expect(200);
      table.says({ [MAIL]: ["REJECT"] });
      await get(agent).expect(303);
    });
  });
});

describe("the option restrictions", () => {
  const table = tableOf({});
  const url = "ldap://127.0.0.1/dc=domain,dc=org?uid";
  for (const [what, restrictions] of Object.entries<unknown>({
    "a table outside a list": table,
    "a file": ["suspended.cf"],
    nothing: [undefined],
    "no table": [{ key: () => "a" }],
    "a table without a key": [{ table, key: undefined }],
    "a key that is no function": [{ table, key: "a" }],
    "an unknown key": [{ table, key: () => "a", keys: () => [] }],
    "a table without a name": [{ lookup: async () => undefined }],
  })) {
    it(`refuses ${what} at start`, () => {
      const options = { url, restrictions } as AuthnzLdapOptions;
      assert.throws(
        () => authnzLdap(options),
        (error) => error instanceof ConfigError && /restrictions/.test(String(error.option)),
      );
    });
  }
});
