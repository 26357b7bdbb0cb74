import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { LdapEvent } from "../../src/events.ts";
import { createObserver } from "../../src/observation/observer.ts";

const WHO = { username: "web1", address: "192.0.2.1", by: "form", milliseconds: 3 } as const;

function refusal(reason: string): LdapEvent {
  return { type: "refusal", ...WHO, reason };
}

function search(milliseconds: number): LdapEvent {
  const server = "ldap://127.0.0.1:389";
  return { type: "operation", operation: "search", server, result: "success", milliseconds };
}

describe("metrics", () => {
  it("begin with nothing, and say since when", () => {
    const before = Date.now();
    const { since, operations, logins, decisions, connections, refusals } =
      createObserver().metrics();
    assert(since >= before && since <= Date.now());
    assert.deepEqual(operations, []);
    assert.deepEqual(logins, { accepted: 0, refused: 0, throttled: 0, unavailable: 0 });
    assert.deepEqual(decisions, { granted: 0, denied: 0, "no-user": 0, undecided: 0 });
    assert.deepEqual(connections, { search: 0, pages: 0, bind: 0 });
    assert.deepEqual(refusals, {});
  });

  it("count logins by how they end, and refusals by reason", () => {
    const { observe, metrics } = createObserver();
    observe({ type: "login", ...WHO, dn: "uid=web1", remembered: false });
    const reasons = ["wrong-password", "wrong-password", "locked", "too-many-attempts"];
    for (const reason of [...reasons, "unavailable"]) observe(refusal(reason));
    assert.deepEqual(metrics().logins, { accepted: 1, refused: 3, throttled: 1, unavailable: 1 });
    assert.deepEqual(metrics().refusals, {
      ...{ "wrong-password": 2, locked: 1, "too-many-attempts": 1, unavailable: 1 },
    });
  });

  it("sort operations into buckets of seconds, each with those of the smaller ones", () => {
    const { observe, metrics } = createObserver();
    for (const milliseconds of [0.1, 1, 1.1, 40, 60_000]) observe(search(milliseconds));
    const [operation, ...more] = metrics().operations;
    assert.deepEqual(more, []);
    assert(operation);
    const { buckets, count, sum } = operation;
    assert.equal(count, 5);
    assert(Math.abs(sum - 60.0422) < 1e-9, String(sum));
    const upTo = new Map(buckets.map(({ le, count: n }) => [le, n]));
    assert.deepEqual(
      [0.0005, 0.001, 0.0025, 0.025, 0.05, 10].map((le) => upTo.get(le)),
      [1, 2, 3, 3, 4, 4],
    );
  });

  it("keep the results of operations apart", () => {
    const { observe, metrics } = createObserver();
    const bind = { type: "operation", operation: "bind", server: "s", milliseconds: 1 } as const;
    observe({ ...bind, result: "success" });
    observe({ ...bind, result: "refused-bind" });
    observe({ ...bind, result: "refused-bind" });
    const found = metrics().operations.map(({ operation, result, count }) => {
      return [operation, result, count];
    });
    assert.deepEqual(found, [
      ["bind", "success", 1],
      ["bind", "refused-bind", 2],
    ]);
  });

  it("count the connections that are open, caches, revocations, failovers and changes", () => {
    const { observe, metrics } = createObserver();
    const pool = { type: "pool", pool: "bind", server: "s" } as const;
    observe({ ...pool, change: "opened" });
    observe({ ...pool, change: "opened" });
    observe({ ...pool, change: "closed" });
    observe({ type: "cache", cache: "login", hit: true });
    observe({ type: "cache", cache: "answer", hit: false });
    observe({ type: "revocation", username: "web1", reason: "revoked", sessions: 3 });
    observe({ type: "revocation", username: "web1", reason: "gone" });
    observe({ type: "failover", server: "s", state: "down", error: "unreachable" });
    observe({ type: "watch", change: "entry" });
    observe({ type: "watch", change: "mode", mode: "syncrepl" });
    observe({ type: "decision", username: "web1", outcome: "denied", ...DECIDED });
    const now = metrics();
    assert.deepEqual(now.connections, { search: 0, pages: 0, bind: 1 });
    assert.deepEqual(now.caches.login, { hits: 1, misses: 0 });
    assert.deepEqual(now.caches.answer, { hits: 0, misses: 1 });
    assert.deepEqual(now.revocations, { revoked: 1, gone: 1 });
    assert.equal(now.sessionsRevoked, 3);
    assert.deepEqual(now.failovers, { down: 1, ready: 0 });
    assert.deepEqual(now.changes, { entry: 1, anything: 0 });
    assert.equal(now.decisions.denied, 1);
  });

  it("are a picture: what they are written into later does not show", () => {
    const { observe, metrics } = createObserver();
    const before = metrics();
    Object.assign(before.logins, { accepted: 99 });
    Object.assign(before.caches.login, { hits: 99 });
    observe(search(1));
    assert.deepEqual(before.operations, []);
    assert.equal(metrics().logins.accepted, 0);
    assert.equal(metrics().caches.login.hits, 0);
  });

  it("do not grow with what they are told", () => {
    const { observe, metrics } = createObserver();
    for (let n = 0; n < 10_000; n++) observe(refusal(`reason ${n}`));
    observe(refusal("reason 3"));
    const { refusals, logins } = metrics();
    assert.equal(Object.keys(refusals).length, 100);
    assert.equal(refusals["reason 3"], 2);
    assert.equal(logins.refused, 10_001);
  });
});

const DECIDED = { rule: "user", operations: 0, milliseconds: 1 } as const;
