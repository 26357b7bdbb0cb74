import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { inspect } from "node:util";
import type { Express, Request } from "express";
import supertest from "supertest";
import { type AuthnzLdap, authnzLdap, DirectoryError, requireLevel } from "../src/index.ts";
import type { TestDirectory } from "../src/testing/index.ts";
import { eventually } from "./support/eventually.ts";
import { startFixtureDirectory } from "./support/fixture-directory.ts";
import { type ProtectedApp, protectedApp } from "./support/protected-app.ts";

const WEB = "ou=web,dc=domain,dc=org?uid,MyWebAccess?one?(WebAccess=MyWebApp_Level_*)" as const;

describe("an app behind an AuthLDAPURL", () => {
  let directory: TestDirectory;
  let site: ProtectedApp;
  before(async () => {
    directory = await startFixtureDirectory();
    site = await protectedApp({ url: `${directory.url}/${WEB}`, timeout: 2_000 }, (app) => {
      app.get("/reports", requireLevel(2), (_req, res) => void res.send("reports"));
    });
  });
  after(async () => {
    await site.close();
    await directory.close();
  });

  const get = (path: string, username: string, password = `${username}-pw`) =>
    supertest(site.url).get(path).auth(username, password).set("Accept", "application/json");

  it("shows the application what Apache showed", async () => {
    const answer = await get("/", "web1");
    assert.equal(answer.text, '{"UID":"web1","MYWEBACCESS":"MyWebApp_Level_1"}');
  });

  it("guards by level", async () => {
    assert.equal((await get("/reports", "web1")).status, 403);
    assert.equal((await get("/reports", "web2")).status, 200);
    assert.equal((await get("/reports", "web2", "wrong")).status, 401);
  });

  it("answers 503 while the directory is away, and nothing but 200 afterwards", async () => {
    assert.equal((await get("/", "web1")).status, 200);
    for (let round = 0; round < 3; round++) {
      await directory.stop();
      for (const answer of [await get("/", "web1"), await get("/", "web1", "wrong")]) {
        assert.equal(answer.status, 503);
        assert.match(answer.headers["retry-after"] ?? "", /^\d+$/);
        assert(!/127\.0\.0\.1|ECONN|ldap:/.test(answer.text), answer.text);
      }
      await directory.start();
      for (let n = 0; n < 5; n++) assert.equal((await get("/", "web1")).status, 200);
    }
  });

  it("keeps its connections through wrong passwords", async () => {
    await Promise.all(Array.from({ length: 50 }, (_, n) => get("/", "web1", `wrong${n}`)));
    const before = directory.connections;
    for (let n = 0; n < 200; n++) assert.equal((await get("/", "web1", "wrong")).status, 401);
    assert(directory.connections <= before);
  });

  it("gives each of a hundred logins at the same time its own answer", async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, async (_, n) => {
        const username = `web${(n % 3) + 1}`;
        const isRight = n % 2 === 0;
        const answer = await get("/", username, isRight ? `${username}-pw` : "wrong");
        return isRight
          ? answer.status === 200 && answer.body.UID === username
          : answer.status === 401;
      }),
    );
    assert(answers.every(Boolean));
  });
});

describe("the handle", () => {
  it("starts while the directory is down, and serves once it is there", async () => {
    const directory = await startFixtureDirectory();
    await directory.stop();
    const ldap = authnzLdap({ url: `${directory.url}/${WEB}`, log: () => {} });
    const credentials = { username: "web1", password: "web1-pw" };
    await assert.rejects(ldap.authenticate(credentials), (error) => {
      return error instanceof DirectoryError && error.code === "unreachable";
    });
    assert.equal(ldap.health().state, "down");
    await directory.start();
    assert((await ldap.authenticate(credentials)).ok);
    assert.equal(ldap.health().state, "ready");
    await ldap.close();
    await directory.close();
  });

  it("closes its connections, and answers nothing afterwards", async () => {
    const directory = await startFixtureDirectory();
    const ldap = authnzLdap({ url: `${directory.url}/${WEB}`, log: () => {} });
    await ldap.authenticate({ username: "web1", password: "web1-pw" });
    await ldap.close();
    await assert.rejects(ldap.authenticate({ username: "web1", password: "web1-pw" }), {
      code: "closed",
    });
    await eventually(() => directory.connections === 0);
    await directory.close();
  });

  it("shows no secret when it is printed", async () => {
    const ldap = authnzLdap({
      url: `ldap://127.0.0.1:9/${WEB}`,
      bindDn: "cn=reader,dc=domain,dc=org",
      bindPassword: "canary-secret",
      log: () => {},
    });
    const printed = inspect(ldap, { depth: Number.POSITIVE_INFINITY, showHidden: true });
    assert(!printed.includes("canary-secret"));
    await ldap.close();
  });

  it("throws where its typed view is asked about nobody", async () => {
    const ldap = authnzLdap({ url: "ldap://127.0.0.1/dc=x?uid", log: () => {} });
    assert.throws(() => ldap.authenticated({} as Request), /nobody is signed in/i);
    await ldap.close();
  });

  it("leaves a route's parameters their types, as its guards do", () => {
    const routes = (app: Express, ldap: AuthnzLdap) => {
      app.get("/reports/:id", ldap, requireLevel(2), (req, res) => {
        const id: string = req.params.id;
        res.send(id);
      });
    };
    assert.equal(typeof routes, "function");
  });

  it("knows the attributes of a literal URL", () => {
    const typed = (ldap: ReturnType<typeof authnzLdap<`ldap://h/${typeof WEB}`>>, req: Request) => {
      const { UID, MYWEBACCESS, dn } = ldap.authenticated(req);
      // @ts-expect-error: a typo
      ldap.authenticated(req).MYWEBACESS;
      // @ts-expect-error: req.authenticated may be undefined
      req.authenticated.UID;
      // @ts-expect-error: nothing can be written
      ldap.authenticated(req).UID = "admin";
      return [UID, MYWEBACCESS, dn] satisfies readonly string[];
    };
    assert.equal(typeof typed, "function");
  });
});
