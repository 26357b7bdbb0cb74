import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import express, { type Express } from "express";
import request from "supertest";
import {
  type ApacheProtection,
  fromApacheConfig,
  type LdapEvent,
  subscribe,
} from "../../src/index.ts";
import type { TestDirectory } from "../../src/testing/index.ts";
import { startFixtureDirectory } from "../support/fixture-directory.ts";

describe("an app that is protected by an Apache configuration", () => {
  let directory: TestDirectory;
  let protection: ApacheProtection;
  let app: Express;
  const events: LdapEvent[] = [];
  const stops = (["login", "refusal", "decision"] as const).map((type) =>
    subscribe(type, (event) => events.push(event)),
  );

  before(async () => {
    directory = await startFixtureDirectory();
    const config = `<Location "/in">
      AuthType Basic
      AuthName "Intranet"
      AuthBasicProvider ldap
      AuthLDAPURL "${directory.url}/ou=People,dc=domain,dc=org?uid"
      Require ldap-user alice
    </Location>
    <Location "/never">
      Require all denied
    </Location>`;
    protection = fromApacheConfig(config, { log: () => {} });
    app = express();
    app.use(protection);
    app.use((_, res) => void res.send("ok"));
  });
  after(async () => {
    for (const stop of stops) stop();
    await protection?.close();
    await directory?.close();
  });

  /** What one request causes, without what differs from run to run. */
  async function eventsOf(path: string, user?: readonly [string, string]): Promise<unknown> {
    events.length = 0;
    const sent = request(app).get(path);
    await (user ? sent.auth(...user) : sent);
    return events.map((event) => {
      const { type } = event;
      if (type === "decision") return [type, event.username, event.outcome, event.rule];
      if (type === "login") return [type, event.username, event.dn];
      return type === "refusal" ? [type, event.username, event.reason] : [type];
    });
  }

  it("tells logins, refusals and decisions as another one does", async () => {
    const alice = "uid=alice,ou=People,dc=domain,dc=org";
    const bob = "uid=bob,ou=People,dc=domain,dc=org";
    assert.deepEqual(await eventsOf("/in", ["alice", "alice-pw"]), [
      ["login", "alice", alice],
      ["decision", "alice", "granted", "httpd"],
    ]);
    assert.deepEqual(await eventsOf("/in", ["bob", "bob-pw"]), [
      ["login", "bob", bob],
      ["decision", "bob", "denied", "httpd"],
    ]);
    assert.deepEqual(await eventsOf("/in", ["alice", "canary-pw"]), [
      ["refusal", "alice", "wrong-password"],
    ]);
    assert.deepEqual(await eventsOf("/in"), [["decision", undefined, "no-user", "httpd"]]);
    assert.deepEqual(await eventsOf("/never"), [["decision", undefined, "denied", "httpd"]]);
    assert.deepEqual(await eventsOf("/elsewhere"), []);
  });

  it("counts them, and its operations", async () => {
    const before = protection.metrics();
    await eventsOf("/in", ["alice", "alice-pw"]);
    await eventsOf("/in", ["alice", "canary-pw"]);
    const now = protection.metrics();
    assert.equal(now.logins.accepted, before.logins.accepted + 1);
    assert.equal(now.refusals["wrong-password"], (before.refusals["wrong-password"] ?? 0) + 1);
    assert.equal(now.decisions.granted, before.decisions.granted + 1);
    assert(now.operations.some(({ operation, count }) => operation === "bind" && count > 0));
  });

  it("tells what could not be asked", async () => {
    await directory.close();
    assert.deepEqual(await eventsOf("/in", ["alice", "alice-pw"]), [
      ["refusal", "alice", "unavailable"],
    ]);
  });
});
