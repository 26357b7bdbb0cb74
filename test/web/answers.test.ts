import assert from "node:assert/strict";
import { it } from "node:test";
import request from "supertest";
import { DirectoryError } from "../../src/errors.ts";
import { onEachExpress, webApp } from "../support/web-app.ts";

onEachExpress("answers to nobody", (createExpress) => {
  it("send a browser to the login page, with the way back", async () => {
    const { app } = webApp(createExpress);
    const byAccept = await request(app).get("/a?b=c&d").set("Accept", "text/html,*/*").expect(303);
    assert.equal(byAccept.headers.location, "/login?returnTo=%2Fa%3Fb%3Dc%26d");
    const byMode = await request(app).get("/a").set("Sec-Fetch-Mode", "navigate").expect(303);
    assert.equal(byMode.headers.location, "/login?returnTo=%2Fa");
    assert.equal(byMode.headers["cache-control"], "no-store");
    await request(app).head("/a").set("Sec-Fetch-Mode", "navigate").expect(303);
  });

  it("send nobody anywhere after a POST", async () => {
    const { app } = webApp(createExpress);
    const { headers, text } = await request(app).post("/a").set("Accept", "text/html").expect(401);
    assert.match(String(headers["www-authenticate"]), /^Basic /);
    assert.match(text, /Please sign in/);
    assert.match(text, /href="\/login\?returnTo=%2Fa"/);
  });

  it("open no password window over a page whose script is refused", async () => {
    const { app } = webApp(createExpress);
    const script = request(app).get("/").set("Sec-Fetch-Mode", "cors").set("Accept", "text/html");
    const { headers } = await script.expect(401);
    assert.equal(headers["www-authenticate"], 'FormLogin realm="Intranet"');
  });

  it("are problem details for who takes anything or JSON", async () => {
    const { app } = webApp(createExpress);
    for (const accept of [
      "*/*",
      "application/json",
      "application/problem+json",
      "image/png",
      "x",
    ]) {
      const { body, type } = await request(app).get("/").set("Accept", accept).expect(401);
      assert.equal(type, "application/problem+json");
      assert.equal(body.code, "authentication-required");
      assert.equal(body.status, 401);
    }
  });

  it("let nobody through with anonymous: allow, and take wrong credentials for wrong", async () => {
    const { app } = webApp(createExpress, { settings: { anonymous: "allow" } });
    const { body, headers } = await request(app).get("/").expect(200);
    assert.equal(body, null);
    assert.notEqual(headers["cache-control"], "no-store");
    await request(app).get("/").auth("web1", "wrong").expect(401);
    await request(app).get("/").auth("web1", "web1-pw").expect(200);
  });
});

onEachExpress("a directory that is away", (createExpress) => {
  const secret = new DirectoryError("ldap.example.org cn=service said no", { code: "timeout" });

  it("is 503 and never 401, and tells the visitor nothing of itself", async () => {
    const { app, realm } = webApp(createExpress);
    realm.before = async () => {
      throw secret;
    };
    for (const accept of ["text/html", "application/json"]) {
      const get = request(app).get("/").auth("web1", "web1-pw").set("Accept", accept);
      const { text, headers } = await get.expect(503);
      assert.match(String(headers["retry-after"]), /^[1-9]/);
      assert.equal(headers["cache-control"], "no-store");
      assert.doesNotMatch(text, /ldap|cn=|Error|at .*\.ts/);
    }
    assert.equal(realm.records.at(-1)?.event, "directory-unavailable");
  });

  it("is 503 also if it never settles, or throws at once", async () => {
    const { app, realm } = webApp(createExpress);
    Object.assign(realm, { startDeadline: () => ({ remaining: () => 20 }) });
    realm.before = () => new Promise(() => {});
    await request(app).get("/").auth("web1", "web1-pw").expect(503);
    Object.assign(realm, {
      authenticate() {
        throw secret;
      },
    });
    await request(app).get("/").auth("web1", "web1-pw").expect(503);
  });

  it("is the app's own error handling if it fails in a way of its own", async () => {
    const { app, realm } = webApp(createExpress);
    app.set("env", "test");
    realm.before = async () => {
      throw new TypeError("a defect");
    };
    await request(app).get("/").auth("web1", "web1-pw").expect(500);
  });
});
