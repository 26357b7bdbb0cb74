import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Request } from "express";
import request from "supertest";
import { authnzLdap } from "../../src/authnz-ldap.ts";
import { authenticatedOf, createAuthenticated } from "../../src/web/authenticated.ts";
import { personOf } from "../support/fake-realm.ts";
import { startFixtureDirectory } from "../support/fixture-directory.ts";
import { onEachExpress, webApp } from "../support/web-app.ts";

describe("createAuthenticated", () => {
  const person = personOf("web1", ["a", "b"]);

  it("shows exactly the URL's attributes, in upper case; what is missing is empty", () => {
    const shown = createAuthenticated(person, ["uid", "MyWebAccess", "mail"]);
    assert.equal(JSON.stringify(shown), '{"UID":"web1","MYWEBACCESS":"a; b","MAIL":""}');
  });

  it("has dn, username and values beside them", () => {
    const shown = createAuthenticated(person, ["uid"]);
    assert.equal(shown.dn, person.dn);
    assert.equal(shown.username, "web1");
    assert.deepEqual(shown.values("MYWEBACCESS"), ["a", "b"]);
    assert.deepEqual(shown.values("mail"), []);
    assert.deepEqual(Object.keys(shown), ["UID"]);
  });

  it("has no prototype whose names could be taken for attributes", () => {
    const shown = createAuthenticated(person, ["__proto__", "constructor"]);
    assert.equal(Object.getPrototypeOf(shown), null);
    assert.equal("toString" in shown, false);
    assert.equal(JSON.stringify(shown), '{"__PROTO__":"","CONSTRUCTOR":""}');
    for (const name of ["__proto__", "constructor", "toString"]) {
      assert.deepEqual(shown.values(name), []);
    }
  });

  it("can't be changed", () => {
    const shown = createAuthenticated(person, ["uid"]);
    assert.throws(() => Object.assign(shown, { UID: "admin" }), TypeError);
    assert.throws(() => Object.assign(shown, { MORE: "x" }), TypeError);
    assert.throws(() => (shown.values("uid") as string[]).push("admin"), TypeError);
    assert.deepEqual(shown.values("uid"), ["web1"]);
  });
});

onEachExpress("req.authenticated", (createExpress) => {
  const forge = (req: Request) => Object.assign(req, { authenticated: { UID: "admin" } });

  it("is not what an earlier middleware put there", async () => {
    const before = [
      (req: Request, _res: unknown, next: () => void) => {
        forge(req);
        next();
      },
    ];
    const allowing = webApp(createExpress, { before, settings: { anonymous: "allow" } });
    assert.equal((await request(allowing.app).get("/").expect(200)).body, null);
    const refusing = webApp(createExpress, { before });
    await request(refusing.app).get("/").expect(401);
    const { body } = await request(refusing.app).get("/").auth("web1", "web1-pw").expect(200);
    assert.equal(body.UID, "web1");
  });

  it("is not taken from a header, the query or the body", async () => {
    const { app } = webApp(createExpress, { settings: { anonymous: "allow" } });
    const get = request(app).get("/?authenticated[UID]=admin").set("authenticated", "admin");
    for (const name of ["X-Forwarded-User", "Remote-User", "X_Forwarded_User"])
      get.set(name, "admin");
    assert.equal((await get.expect(200)).body, null);
  });

  it("can't be overwritten by a later one, and authenticatedOf doesn't look at it", async () => {
    const { app, realm } = webApp(createExpress, {
      settings: { anonymous: "allow" },
      routes: (routes) => {
        routes.get("/", (req, res) => {
          assert.throws(() => forge(req), TypeError);
          Object.defineProperty(req, "authenticated", { value: { UID: "admin" } });
          res.json(authenticatedOf(req, realm) ?? "nobody");
        });
      },
    });
    assert.equal((await request(app).get("/").expect(200)).body, "nobody");
    const { body } = await request(app).get("/").auth("web1", "web1-pw").expect(200);
    assert.equal(body.UID, "web1");
  });

  it("is told by the handle that found it out, and by no other one", async () => {
    const directory = await startFixtureDirectory();
    const web = authnzLdap({ url: `${directory.url}/ou=web,dc=domain,dc=org?uid`, log: () => {} });
    const people = authnzLdap({
      url: `${directory.url}/ou=people,dc=domain,dc=org?uid`,
      log: () => {},
    });
    const app = createExpress();
    app.use("/web", web);
    app.use("/people", people);
    app.get("/people", (req, res) => {
      assert.throws(() => web.authenticated(req), { name: "ConfigError" });
      res.json(people.authenticated(req));
    });
    try {
      const { body } = await request(app).get("/people").auth("alice", "alice-pw").expect(200);
      assert.equal(body.UID, "alice");
    } finally {
      await web.close();
      await people.close();
      await directory.close();
    }
  });
});
