import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import express from "express";
import session from "express-session";
import supertest from "supertest";
import { authnzLdap, environment, type OtherProvider, passwordFile } from "../../src/index.ts";
import type { TestDirectory } from "../../src/testing/index.ts";
import { parseLoginRecord } from "../../src/web/login-record.ts";
import { startFixtureDirectory } from "../support/fixture-directory.ts";

let directory: TestDirectory;
let folder: string;
let file: string;
before(async () => {
  directory = await startFixtureDirectory();
  folder = await mkdtemp(join(tmpdir(), "authnz-ldap-"));
  file = join(folder, "htpasswd");
  // other-pw
  await writeFile(file, "fileonly:{SHA}h+sYo5eVKnRd4dCrZ5zuqNXt86A=\n");
});
after(async () => {
  await directory.close();
  await rm(folder, { recursive: true });
});

describe("a session of somebody of a password file", () => {
  it("is nobody's where that file is not asked", async () => {
    const url = `${directory.url}/ou=People,dc=domain,dc=org?uid`;
    const open = (otherProviders: readonly OtherProvider[]) =>
      authnzLdap({ url, otherProviders, log: () => {} });
    const [staff, partners, same] = [
      open([]),
      open([passwordFile({ file })]),
      open([passwordFile({ file })]),
    ];
    const app = express();
    app.use(session({ secret: "s", resave: false, saveUninitialized: false }));
    app.use("/staff", staff);
    app.use("/partners", partners);
    app.use("/same", same);
    app.use((req, res) => void res.json(environment(req)));
    try {
      const agent = supertest.agent(app).set("Accept", "application/json");
      const body = { username: "fileonly", password: "other-pw" };
      await agent.post("/staff/login").send(body).expect(401);
      await agent.post("/partners/login").send(body).expect(200);
      const { body: shown } = await agent.get("/partners/x").expect(200);
      assert.deepEqual(shown, { AUTH_TYPE: "Form", REMOTE_USER: "fileonly" });
      await agent.get("/same/x").expect(200);
      await agent.get("/staff/x").expect(401);
    } finally {
      await Promise.all([staff, partners, same].map((one) => one.close()));
    }
  });
});

describe("the login that a session holds", () => {
  const now = Date.now();
  const times = { authenticatedAt: now, checkedAt: now, seenAt: now };
  const recordOf = (person: object) => ({ login: "l", realm: "r", person, ...times });

  it("keeps who said so, and attributes with a NUL", () => {
    const person = { dn: "", username: "x", provider: "file", withNul: ["photo"], attributes: {} };
    assert.deepEqual(parseLoginRecord(JSON.stringify(recordOf(person)), now)?.person, person);
  });

  it("is nobody's without a DN, unless a provider is named", () => {
    for (const person of [
      { dn: "", username: "x", attributes: {} },
      { dn: "", username: "x", provider: "", attributes: {} },
      { dn: "", username: "x", provider: 1, attributes: {} },
      { username: "x", provider: "file", attributes: {} },
      { dn: "", username: "", provider: "file", attributes: {} },
      { dn: "cn=x", username: "x", withNul: "photo", attributes: {} },
    ]) {
      assert.equal(parseLoginRecord(JSON.stringify(recordOf(person)), now), undefined);
    }
  });
});
