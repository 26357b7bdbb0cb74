import assert from "node:assert/strict";
import { it } from "node:test";
import session, { MemoryStore } from "express-session";
import request from "supertest";
import { authnzLdap } from "../../src/authnz-ldap.ts";
import { onEachExpress } from "../support/web-app.ts";

onEachExpress("a closed handle", (createExpress) => {
  it("leaves nothing on the app's session store, and puts nothing there any more", async () => {
    const store = new MemoryStore();
    const listeners = () => store.listenerCount("connect") + store.listenerCount("disconnect");
    const before = listeners();
    // express-session listens too.
    const sessions = session({ store, secret: "s", resave: false, saveUninitialized: false });
    const own = listeners() - before;
    for (let n = 0; n < 12; n++) {
      const ldap = authnzLdap({ url: "ldap://127.0.0.1:9/dc=x?uid", anonymous: "allow" });
      const app = createExpress();
      app.use(sessions, ldap, (_req, res) => void res.send("hello"));
      await request(app).get("/").expect(200);
      assert.equal(listeners(), before + own + 2);
      await ldap.close();
      assert.equal(listeners(), before + own);
      await request(app).get("/").expect(200);
      assert.equal(listeners(), before + own);
    }
  });
});
