import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import request from "supertest";
import type { TestDirectory } from "../src/testing/index.ts";
import { startFixtureDirectory } from "./support/fixture-directory.ts";
import { type ProtectedApp, protectedApp } from "./support/protected-app.ts";

const ALICE = "uid=alice,ou=People,dc=domain,dc=org";

describe("a password that its owner changes because somebody else knows it", () => {
  let directory: TestDirectory;
  let site: ProtectedApp;
  beforeEach(async () => {
    directory = await startFixtureDirectory({
      tls: true,
      access: ({ operation, attribute }) => operation !== "search" || attribute !== "userpassword",
    });
    site = await protectedApp({
      url: `${directory.ldapsUrl}/ou=People,dc=domain,dc=org?mail?one`,
      tls: { ca: directory.ca ?? "" },
      timeout: 500,
      passwordChange: true,
      cache: {},
    });
  });
  afterEach(async () => {
    await site.close();
    await directory.close();
  });

  const basic = (username: string, password: string) =>
    request(site.url).get("/").auth(username, password).set("Accept", "application/json");

  /** The thief knows one of alice's two mail addresses. */
  async function stolenSession() {
    const thief = request.agent(site.url);
    const body = { username: "a.adams@domain.org", password: "alice-pw" };
    await thief.post("/login").send(body).expect(200);
    await basic("a.adams@domain.org", "alice-pw").expect(200);
    await basic("a.adams@domain.org", "alice-pw").expect(200);
    return thief;
  }
  const change = () =>
    request(site.url).post("/password").set("Accept", "application/json").send({
      username: "alice@domain.org",
      oldPassword: "alice-pw",
      newPassword: "a-longer-one",
    });

  it("ends the sessions under all names, and what is remembered of them", async () => {
    const thief = await stolenSession();
    assert.deepEqual((await change().expect(200)).body, { changed: true, signedOut: true });
    await thief.get("/").set("Accept", "application/json").expect(401);
    await basic("a.adams@domain.org", "alice-pw").expect(401);
    await basic("a.adams@domain.org", "a-longer-one").expect(200);
  });

  it("ends them, too, where the directory's answer is lost", async () => {
    const thief = await stolenSession();
    directory.addFault({ fault: "stall", on: "password-modify" });
    await change().expect(503);
    await thief.get("/").set("Accept", "application/json").expect(401);
  });

  it("is found by revoke and invalidate under each name", async () => {
    const thief = await stolenSession();
    site.ldap.invalidate("ALICE@domain.org");
    directory.clearOperations();
    await basic("a.adams@domain.org", "alice-pw").expect(200);
    assert(directory.operations.some(({ dn }) => dn === ALICE));
    assert.equal(await site.ldap.revoke("alice@domain.org"), 1);
    await thief.get("/").set("Accept", "application/json").expect(401);
  });
});
