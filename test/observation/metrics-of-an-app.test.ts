import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Registry } from "prom-client";
import {
  type AuthnzLdap,
  type LdapEvent,
  requireGroup,
  requireLevel,
  subscribe,
} from "../../src/index.ts";
import type { TestDirectory } from "../../src/testing/index.ts";
import { type Documented, documented } from "../support/documented.ts";
import { startFixtureDirectory } from "../support/fixture-directory.ts";
import { type ProtectedApp, protectedApp } from "../support/protected-app.ts";

const EDITORS = "cn=editors,ou=Groups,dc=domain,dc=org";

/** The types whose events requests cause. */
const TYPES = ["login", "refusal", "decision", "operation", "pool", "cache"] as const;

interface Adapter {
  registerLdapMetrics(ldap: AuthnzLdap, registry: Registry): void;
}

describe("an app", () => {
  let directory: TestDirectory;
  let app: ProtectedApp;
  let adapter: Documented;
  let registry: Registry;
  const events: LdapEvent[] = [];
  const stops = TYPES.map((type) => subscribe(type, (event) => events.push(event)));

  before(async () => {
    directory = await startFixtureDirectory();
    const url = `${directory.url}/ou=web,dc=domain,dc=org?uid,MyWebAccess?one?(WebAccess=MyWebApp_Level_*)`;
    app = await protectedApp({ url, cache: {} }, (routes) => {
      routes.get("/board", requireLevel(3), (_, res) => void res.send("ok"));
      routes.get("/newsroom", requireGroup(EDITORS), (_, res) => void res.send("ok"));
    });
    adapter = documented("events.md", "registerLdapMetrics");
    const { registerLdapMetrics } = (await import(adapter.file)) as Adapter;
    registry = new Registry();
    registerLdapMetrics(app.ldap, registry);
    assert.equal(await visit("/board", "web3", "web3-pw"), 200);
    assert.equal(await visit("/board", "web1", "web1-pw"), 403);
    assert.equal(await visit("/newsroom", "web3", "web3-pw"), 403);
    assert.equal(await visit("/", "web1", "canary-pw"), 401);
    assert.equal(await visit("/", "nobody", "canary-pw"), 401);
    assert.equal(await visit("/", "web3", "web3-pw"), 200);
  });
  after(async () => {
    for (const stop of stops) stop();
    await app?.close();
    await directory?.close();
    adapter?.remove();
  });

  async function visit(path: string, username: string, password: string): Promise<number> {
    const authorization = `Basic ${btoa(`${username}:${password}`)}`;
    const response = await fetch(app.url + path, { headers: { authorization } });
    await response.arrayBuffer();
    return response.status;
  }

  it("counts, and tells, the logins, decisions, operations and connections of its requests", () => {
    const metrics = app.ldap.metrics();
    assert.deepEqual(metrics.logins, { accepted: 4, refused: 2, throttled: 0, unavailable: 0 });
    assert.deepEqual(metrics.refusals, { "wrong-password": 1, "unknown-user": 1 });
    assert.deepEqual(metrics.decisions, { granted: 1, denied: 2, "no-user": 0, undecided: 0 });
    const { search, bind } = app.ldap.health().connections;
    assert.deepEqual(metrics.connections, { search, pages: 0, bind });
    const count = (operation: string, result: string) =>
      metrics.operations.find((each) => each.operation === operation && each.result === result)
        ?.count ?? 0;
    assert(count("search", "success") >= 3);
    assert(count("bind", "success") >= 2);
    // The second one is the decoy's.
    assert.equal(count("bind", "refused-bind"), 2);
    for (const [type, number] of Object.entries({ login: 4, refusal: 2, decision: 3 })) {
      assert.equal(events.filter((event) => event.type === type).length, number, type);
    }
    const told = events.filter((event) => event.type === "operation").length;
    const counted = metrics.operations.reduce((sum, each) => sum + each.count, 0);
    assert.equal(told, counted);
  });

  it("counts what memory answered", () => {
    const { caches } = app.ldap.metrics();
    assert.equal(caches.login.hits, 2);
    assert.equal(caches.login.misses, 4);
    const remembered = events.filter((event) => event.type === "login" && event.remembered);
    assert.equal(remembered.length, 2);
  });

  it("tells no password, and no value of a filter but the name", () => {
    const all = JSON.stringify(events);
    for (const secret of ["web1-pw", "web3-pw", "canary-pw"]) assert(!all.includes(secret), secret);
    const withoutNames = events.filter(
      ({ type }) => !["login", "refusal", "decision"].includes(type),
    );
    assert.doesNotMatch(JSON.stringify(withoutNames), /web1|web3|nobody|WebAccess/i);
  });

  it("has numbers that JSON can hold", () => {
    const metrics = app.ldap.metrics();
    assert.deepEqual(JSON.parse(JSON.stringify(metrics)), metrics);
  });

  it("shows them to Prometheus by the documented code", async () => {
    const text = await registry.metrics();
    const value = (series: string) => {
      const line = text.split("\n").find((each) => each.startsWith(`${series} `));
      return line === undefined ? undefined : Number(line.slice(series.length + 1));
    };
    assert.equal(value('authnz_ldap_logins_total{outcome="accepted"}'), 4);
    assert.equal(value('authnz_ldap_logins_total{outcome="throttled"}'), 0);
    assert.equal(value('authnz_ldap_refusals_total{reason="wrong-password"}'), 1);
    assert.equal(value('authnz_ldap_decisions_total{outcome="denied"}'), 2);
    assert.equal(value("authnz_ldap_sessions_revoked_total"), 0);
    const { connections, caches, operations } = app.ldap.metrics();
    assert.equal(value('authnz_ldap_connections{pool="bind"}'), connections.bind);
    assert.equal(
      value('authnz_ldap_cache_requests_total{cache="login",result="hit"}'),
      caches.login.hits,
    );
    assert.equal(value(`authnz_ldap_server_up{server="${directory.url}"}`), 1);
    for (const { operation, result, count, sum, buckets } of operations) {
      const labels = `operation="${operation}",result="${result}"`;
      const name = "authnz_ldap_operation_seconds";
      assert.equal(value(`${name}_count{${labels}}`), count);
      assert.equal(value(`${name}_sum{${labels}}`), sum);
      assert.equal(value(`${name}_bucket{${labels},le="+Inf"}`), count);
      for (const { le, count: some } of buckets) {
        assert.equal(value(`${name}_bucket{${labels},le="${le}"}`), some);
      }
    }
    assert.doesNotMatch(text, /undefined|NaN|web1|web3|\[object/);
  });

  it("shows the same when it is asked twice", async () => {
    assert.equal(await registry.metrics(), await registry.metrics());
  });

  it("has documentation that compiles", () => adapter.check());
});
