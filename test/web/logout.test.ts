import assert from "node:assert/strict";
import { it } from "node:test";
import { MemoryStore } from "express-session";
import request from "supertest";
import { createProtect } from "../../src/web/protect.ts";
import { fakeRealm } from "../support/fake-realm.ts";
import { onEachExpress, SETTINGS, signedIn, webApp } from "../support/web-app.ts";

onEachExpress("logout", (createExpress) => {
  it("ends the login, changes the session id, and says so once on the login page", async () => {
    const { app } = webApp(createExpress);
    const agent = await signedIn(app);
    const { headers } = await agent.post("/logout").type("form").expect(303);
    assert.equal(headers.location, "/login");
    assert.match(String(headers["set-cookie"]), /^connect\.sid=/);
    await agent.get("/").expect(401);
    assert.match((await agent.get("/login")).text, /You have signed out\./);
    assert.doesNotMatch((await agent.get("/login")).text, /signed out/);
  });

  it("kills the old cookie, wherever it is kept", async () => {
    const { app } = webApp(createExpress);
    const login = request(app).post("/login").send({ username: "web1", password: "web1-pw" });
    const [cookie = ""] = (await login).get("Set-Cookie") ?? [];
    await request(app).get("/").set("Cookie", cookie).expect(200);
    await request(app).post("/logout").set("Cookie", cookie).expect(204);
    await request(app).get("/").set("Cookie", cookie).expect(401);
  });

  it("is not brought back by a request that was under way and writes its session late", async () => {
    let finish: () => void = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let arrived: () => void = () => {};
    const hasArrived = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const { app } = webApp(createExpress, {
      routes: (routes) => {
        routes.get("/slow", async (req, res) => {
          arrived();
          await finished;
          Object.assign(req.session, { basket: 1 });
          res.send("done");
        });
        routes.get("/", (_req, res) => {
          res.send("in");
        });
      },
    });
    const login = request(app).post("/login").send({ username: "web1", password: "web1-pw" });
    const [cookie = ""] = (await login).get("Set-Cookie") ?? [];
    const slow = request(app).get("/slow").set("Cookie", cookie).then();
    await hasArrived;
    await request(app).post("/logout").set("Cookie", cookie).expect(204);
    finish();
    assert.equal((await slow).status, 200);
    await request(app).get("/").set("Cookie", cookie).expect(401);
  });

  it("is a POST: other methods are told so, and sign nobody out", async () => {
    const { app } = webApp(createExpress);
    const agent = await signedIn(app);
    for (const method of ["get", "head", "put", "delete"] as const) {
      const { headers } = await agent[method]("/logout").expect(405);
      assert.equal(headers.allow, "POST");
    }
    await agent.get("/").expect(200);
  });

  it("is harmless for who is not signed in", async () => {
    const { app } = webApp(createExpress);
    await request(app).post("/logout").type("form").expect(303);
    await request(app).post("/logout").expect(204);
  });

  it("writes no session for who is not signed in", async () => {
    const store = new MemoryStore();
    let writes = 0;
    const set = store.set.bind(store);
    store.set = (id, data, done) => {
      writes++;
      set(id, data, done);
    };
    const { app } = webApp(createExpress, { store });
    const { headers } = await request(app).post("/logout").type("form").expect(303);
    assert.equal(headers.location, "/login");
    assert.equal(headers["set-cookie"], undefined);
    await request(app).post("/logout").expect(204);
    assert.equal(writes, 0);
  });

  for (const other of ["the same directory", "another directory"]) {
    it(`holds for every middleware that shares the store, and ${other}`, async () => {
      const store = new MemoryStore();
      const a = fakeRealm(other === "another directory" ? { id: "ldap://other/" } : {});
      const b = fakeRealm();
      let finish: () => void = () => {};
      const finished = new Promise<void>((resolve) => {
        finish = resolve;
      });
      let arrived: () => void = () => {};
      const hasArrived = new Promise<void>((resolve) => {
        arrived = resolve;
      });
      const { app } = webApp(createExpress, {
        store,
        realm: a,
        mount: "/a",
        routes: (routes) => {
          routes.use("/b", createProtect(b, SETTINGS));
          routes.get("/b/slow", async (req, res) => {
            arrived();
            await finished;
            Object.assign(req.session, { basket: 1 });
            res.send("done");
          });
          routes.get("/b", (_req, res) => {
            res.send("in");
          });
        },
      });
      const login = request(app).post("/b/login").send({ username: "web1", password: "web1-pw" });
      const [cookie = ""] = (await login).get("Set-Cookie") ?? [];
      const slow = request(app).get("/b/slow").set("Cookie", cookie).then();
      await hasArrived;
      await request(app).post("/a/logout").set("Cookie", cookie).expect(204);
      finish();
      assert.equal((await slow).status, 200);
      await request(app).get("/b").set("Cookie", cookie).expect(401);
    });
  }
});
