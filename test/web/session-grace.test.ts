import assert from "node:assert/strict";
import { describe, it, mock } from "node:test";
import express from "express";
import type TestAgent from "supertest/lib/agent.js";
import { DirectoryError } from "../../src/errors.ts";
import { type FakeRealm, fakeRealm } from "../support/fake-realm.ts";
import { SETTINGS, signedIn, webApp } from "../support/web-app.ts";

const MINUTE = 60_000;

interface Visitors {
  readonly realm: FakeRealm;
  readonly visitors: readonly TestAgent[];
  /** Milliseconds that go by. */
  pass(milliseconds: number): void;
  /** What the visitors are told, in order. */
  statuses(): Promise<readonly number[]>;
  goAway(): void;
  comeBack(): void;
  /** How often it was logged that a session goes on. */
  told(): number;
}

/** Two sessions of one person, with a clock that only moves by hand. */
async function withVisitors(
  limits: { readonly revalidateAfter?: number; readonly staleFor: number },
  run: (visitors: Visitors) => Promise<void>,
): Promise<void> {
  mock.timers.enable({ apis: ["Date"], now: Date.now() });
  try {
    const realm = fakeRealm();
    const session = { ...SETTINGS.session, ...limits };
    const { app } = webApp(express, { realm, settings: { session } });
    const visitors = [await signedIn(app), await signedIn(app)];
    await run({
      realm,
      visitors,
      pass: (milliseconds) => mock.timers.tick(milliseconds),
      async statuses() {
        const all: number[] = [];
        for (const visitor of visitors) all.push((await visitor.get("/")).status);
        return all;
      },
      goAway() {
        realm.before = async () => {
          throw new DirectoryError("away", { code: "unreachable" });
        };
      },
      comeBack() {
        realm.before = async () => {};
      },
      told: () => realm.records.filter(({ event }) => event === "session-stale").length,
    });
  } finally {
    mock.timers.reset();
  }
}

describe("a session while the directory is away", () => {
  it("goes on for as long as staleFor says after it was due, and no longer", () =>
    withVisitors({ staleFor: 5 * MINUTE }, async ({ pass, statuses, goAway, comeBack }) => {
      goAway();
      pass(MINUTE);
      assert.deepEqual(await statuses(), [200, 200]);
      pass(5 * MINUTE - 5_000);
      assert.deepEqual(await statuses(), [200, 200]);
      pass(5_000);
      assert.deepEqual(await statuses(), [503, 503]);
      comeBack();
      assert.deepEqual(await statuses(), [200, 200]);
    }));

  it("does not go on by default", () =>
    withVisitors({ staleFor: 0 }, async ({ pass, statuses, goAway, told }) => {
      goAway();
      pass(MINUTE);
      assert.deepEqual(await statuses(), [503, 503]);
      assert.equal(told(), 0);
    }));

  it("is told of once for each person and outage", () =>
    withVisitors({ staleFor: 5 * MINUTE }, async (site) => {
      for (const outage of [1, 2]) {
        site.goAway();
        site.pass(MINUTE);
        for (let n = 0; n < 3; n++) assert.deepEqual(await site.statuses(), [200, 200]);
        assert.equal(site.told(), outage);
        site.comeBack();
        assert.deepEqual(await site.statuses(), [200, 200]);
      }
    }));

  it("ends when the directory is back and says so", () =>
    withVisitors({ staleFor: 5 * MINUTE }, async (site) => {
      site.goAway();
      site.pass(MINUTE);
      site.realm.people.delete("web1");
      assert.deepEqual(await site.statuses(), [200, 200]);
      site.comeBack();
      assert.deepEqual(await site.statuses(), [401, 401]);
    }));

  it("goes on from the last reading also where each request reads again", () =>
    withVisitors({ revalidateAfter: 0, staleFor: 20_000 }, async (site) => {
      for (let n = 0; n < 15; n++) {
        site.pass(3_000);
        assert.deepEqual(await site.statuses(), [200, 200]);
      }
      site.goAway();
      site.pass(15_000);
      assert.deepEqual(await site.statuses(), [200, 200]);
      site.pass(5_000);
      assert.deepEqual(await site.statuses(), [503, 503]);
    }));

  it("does not go on after a failure that is not the directory's", () =>
    withVisitors({ staleFor: 5 * MINUTE }, async (site) => {
      site.realm.before = async () => {
        throw new TypeError("a bug");
      };
      site.pass(MINUTE);
      for (const status of await site.statuses()) assert(status >= 500, `${status}`);
    }));
});
