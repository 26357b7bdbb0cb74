import assert from "node:assert/strict";
import { it } from "node:test";
import session from "express-session";
import request from "supertest";
import { onEachExpress, webApp } from "../support/web-app.ts";

const LOGIN = { username: "web1", password: "web1-pw" };

onEachExpress("a secure session cookie", (createExpress) => {
  function secureApp(secure: boolean | "auto", proxy?: boolean) {
    const settings = { secret: "s", resave: false, saveUninitialized: false };
    const sessions = session({ ...settings, cookie: { secure }, ...(proxy ? { proxy } : {}) });
    const { app, realm } = webApp(createExpress, {
      store: false,
      before: [sessions],
      settings: { requireTls: false },
    });
    const misconfigured = () => realm.records.filter(({ event }) => event === "misconfigured");
    const login = () => request(app).post("/login").set("X-Forwarded-Proto", "https").send(LOGIN);
    return { app, login, misconfigured };
  }

  it("is recorded once as misconfigured where the login did not come over HTTPS", async () => {
    const { login, misconfigured } = secureApp(true);
    for (let n = 0; n < 3; n++) assert.equal((await login()).get("Set-Cookie"), undefined);
    assert.equal(misconfigured().length, 1);
    assert.equal(misconfigured()[0]?.level, "error");
    assert.match(misconfigured()[0]?.message ?? "", /trust proxy/);
  });

  it("is not recorded for a refused login", async () => {
    const { app, misconfigured } = secureApp(true);
    await request(app)
      .post("/login")
      .send({ ...LOGIN, password: "wrong" })
      .expect(401);
    assert.deepEqual(misconfigured(), []);
  });

  it("is fine behind a proxy that Express trusts", async () => {
    const { app, login, misconfigured } = secureApp(true);
    app.set("trust proxy", true);
    assert((await login()).get("Set-Cookie"));
    assert.deepEqual(misconfigured(), []);
  });

  it("is fine behind a proxy that only express-session trusts", async () => {
    const { login, misconfigured } = secureApp(true, true);
    assert((await login()).get("Set-Cookie"));
    assert.deepEqual(misconfigured(), []);
  });

  it("is no matter where the cookie need not be secure", async () => {
    for (const secure of [false, "auto"] as const) {
      const { login, misconfigured } = secureApp(secure);
      assert((await login()).get("Set-Cookie"));
      assert.deepEqual(misconfigured(), []);
    }
  });
});
