import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import supertest from "supertest";
import { requireLevel } from "../src/index.ts";
import type { TestDirectory } from "../src/testing/index.ts";
import { startFixtureDirectory } from "./support/fixture-directory.ts";
import { type ProtectedApp, protectedApp } from "./support/protected-app.ts";

const WEB2 = "dn: uid=web2,ou=web,dc=domain,dc=org";

describe("a session", () => {
  let directory: TestDirectory;
  let site: ProtectedApp;
  let agent: ReturnType<typeof supertest.agent>;

  async function open(revalidateAfter: number) {
    directory = await startFixtureDirectory();
    const url = `${directory.url}/ou=web,dc=domain,dc=org?uid,MyWebAccess?one?(WebAccess=MyWebApp_Level_*)`;
    site = await protectedApp({ url, session: { revalidateAfter }, timeout: 2_000 }, (app) => {
      app.get("/reports", requireLevel(2), (_req, res) => void res.send("reports"));
    });
    agent = supertest.agent(site.url);
    const body = { username: "web2", password: "web2-pw" };
    assert.equal((await agent.post("/login").send(body)).status, 200);
    assert.equal((await get("/reports")).status, 200);
    directory.clearOperations();
  }
  const get = (path: string) => agent.get(path).set("Accept", "application/json");

  describe("that is looked at again at each request", () => {
    beforeEach(() => open(0));
    afterEach(async () => {
      await site.close();
      await directory.close();
    });

    it("goes on while the entry matches, with one search and no bind each time", async () => {
      assert.equal((await get("/")).status, 200);
      assert.deepEqual(
        directory.operations.map(({ operation }) => operation),
        ["search"],
      );
    });

    it("ends when the entry no longer matches the filter", async () => {
      directory.apply(`${WEB2}\nchangetype: modify\ndelete: WebAccess\n-\n`);
      assert.equal((await get("/")).status, 401);
      directory.apply(
        `${WEB2}\nchangetype: modify\nadd: WebAccess\nWebAccess: MyWebApp_Level_2\n-\n`,
      );
      assert.equal((await get("/")).status, 401);
    });

    it("ends when the entry is deleted, also if another takes its place", async () => {
      const entry =
        "objectClass: inetOrgPerson\nuid: web2\ncn: New\nsn: New\nWebAccess: MyWebApp_Level_2\n";
      directory.apply(`${WEB2}\nchangetype: delete\n`);
      directory.apply(`${WEB2}\nchangetype: add\n${entry}`);
      assert.equal((await get("/")).status, 401);
    });

    it("loses a level that the entry lost, and is told so", async () => {
      directory.apply(
        `${WEB2}\nchangetype: modify\nreplace: MyWebAccess\nMyWebAccess: MyWebApp_Level_1\n-\n`,
      );
      assert.equal((await get("/reports")).status, 403);
      assert.deepEqual((await get("/")).body, { UID: "web2", MYWEBACCESS: "MyWebApp_Level_1" });
    });

    it("is neither believed nor ended while the directory is away", async () => {
      await directory.stop();
      assert.equal((await get("/")).status, 503);
      await directory.start();
      assert.equal((await get("/")).status, 200);
    });

    it("asks once for requests that come together", async () => {
      directory.setLatency(50);
      const answers = await Promise.all(Array.from({ length: 20 }, () => get("/")));
      assert(answers.every(({ status }) => status === 200));
      assert(directory.operations.length < 5, `${directory.operations.length} searches`);
    });
  });

  describe("that was looked at a moment ago", () => {
    beforeEach(() => open(60_000));
    afterEach(async () => {
      await site.close();
      await directory.close();
    });

    it("asks the directory nothing", async () => {
      for (let n = 0; n < 10; n++) assert.equal((await get("/reports")).status, 200);
      assert.deepEqual(directory.operations, []);
    });

    it("is served also while the directory is away", async () => {
      await directory.stop();
      assert.equal((await get("/reports")).status, 200);
    });
  });
});
