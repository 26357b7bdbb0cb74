import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Express } from "express";
import supertest from "supertest";
import { type AuthnzLdapOptions, requireFilter } from "../../src/index.ts";
import type { TestDirectory } from "../../src/testing/index.ts";
import { startFixtureDirectory } from "../support/fixture-directory.ts";
import { type ProtectedApp, protectedApp } from "../support/protected-app.ts";

const ALICE = "uid=alice,ou=People,dc=domain,dc=org";

let directory: TestDirectory;
before(async () => {
  directory = await startFixtureDirectory();
});
after(() => directory.close());

function routes(app: Express): void {
  app.get("/filter", requireFilter("(mail=*)"), (_req, res) => void res.send("in"));
}

async function withSite(
  options: Partial<AuthnzLdapOptions>,
  use: (site: ProtectedApp) => Promise<void>,
): Promise<void> {
  const url = `${directory.url}/ou=People,dc=domain,dc=org?uid`;
  const site = await protectedApp({ url, ...options }, routes);
  try {
    await use(site);
  } finally {
    await site.close();
  }
}

/** How often alice was bound for one page with Basic: once for the login, and again where a guard asks as her. */
async function bindsFor(options: Partial<AuthnzLdapOptions>, path: string): Promise<number> {
  let count = 0;
  await withSite(options, async (site) => {
    directory.clearOperations();
    await supertest(site.url).get(path).auth("alice", "alice-pw").expect(200);
    const binds = directory.operations.filter(({ operation }) => operation === "bind");
    assert(binds.every(({ dn }) => dn === ALICE || dn === ""));
    count = binds.filter(({ dn }) => dn === ALICE).length;
  });
  return count;
}

describe("searchAsUser", () => {
  it("lets guards that search ask as the visitor", async () => {
    assert.equal(await bindsFor({}, "/filter"), 1);
    assert.equal(await bindsFor({ searchAsUser: true }, "/filter"), 2);
  });

  it("takes no login by session, which has no password to ask with", async () => {
    await withSite({ searchAsUser: true }, async (site) => {
      const agent = supertest.agent(site.url);
      const login = await agent.post("/login").send({ username: "alice", password: "alice-pw" });
      assert.equal(login.status, 401);
      assert.equal(login.headers["set-cookie"], undefined);
      const page = await agent.get("/filter").set("Sec-Fetch-Mode", "navigate");
      assert.equal(page.status, 401);
      assert.match(page.headers["www-authenticate"] ?? "", /^Basic /);
    });
  });

  it("keeps no password from one request to the next", async () => {
    await withSite({ searchAsUser: true }, async (site) => {
      const agent = supertest.agent(site.url);
      await agent.get("/filter").auth("alice", "alice-pw").expect(200);
      await agent.get("/filter").expect(401);
    });
  });
});
