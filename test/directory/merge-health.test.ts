import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DirectoryHealth } from "../../src/directory/directory.ts";
import { mergeHealth } from "../../src/directory/merge-health.ts";

function health(state: DirectoryHealth["state"], server: string): DirectoryHealth {
  const servers = [{ server, state: state === "down" ? "down" : "ready" } as const];
  return { state, servers, connections: { search: 1, bind: 2 } };
}

describe("mergeHealth", () => {
  it("is that of one directory", () => {
    for (const state of ["ready", "degraded", "down"] as const) {
      assert.deepEqual(mergeHealth([health(state, "a")]), health(state, "a"));
    }
  });

  it("is degraded where only some of several are well", () => {
    const merged = mergeHealth([health("ready", "a"), health("down", "b")]);
    assert.equal(merged.state, "degraded");
    assert.deepEqual(
      merged.servers.map(({ server }) => server),
      ["a", "b"],
    );
    assert.deepEqual(merged.connections, { search: 2, bind: 4 });
    assert.equal(mergeHealth([health("ready", "a"), health("degraded", "b")]).state, "degraded");
  });

  it("tells how each that is followed is followed", () => {
    const followed = [
      { ...health("ready", "a"), watch: ["syncrepl"] as const },
      { ...health("ready", "b"), watch: ["away"] as const },
      health("ready", "c"),
    ];
    assert.deepEqual(mergeHealth(followed).watch, ["syncrepl", "away"]);
    assert.equal("watch" in mergeHealth([health("ready", "a")]), false);
  });

  it("is what they all are", () => {
    assert.equal(mergeHealth([health("down", "a"), health("down", "b")]).state, "down");
    assert.equal(mergeHealth([health("ready", "a"), health("ready", "b")]).state, "ready");
    assert.equal(mergeHealth([]).state, "down");
  });
});
