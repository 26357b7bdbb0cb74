import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Person } from "../../src/authentication/person.ts";
import { createMemorySessionIndex } from "../../src/web/memory-session-index.ts";
import { nameKey, personKey } from "../../src/web/person-keys.ts";
import type { RedisClient } from "../../src/web/redis-client.ts";
import { createRedisSessionIndex } from "../../src/web/redis-session-index.ts";

const HOUR = 3_600_000;

/** Somebody of that name; those of one name in any letter case are one person. */
function named(username: string): Person {
  return { dn: `uid=${username}`, username, id: username.toLowerCase(), attributes: {} };
}

describe("an index of sessions in memory", () => {
  it("knows the logins of a name in any letter case, until they end", async () => {
    const index = createMemorySessionIndex(HOUR);
    await index.add(named("Alice"), { login: "a1", session: "s1" });
    await index.add(named("alice"), { login: "a2", session: "s2" });
    await index.add(named("bob"), { login: "b1", session: "s3" });
    await index.end(named("ALICE"), { login: "a1", session: "s1" });
    assert.equal(index.hasEnded(named("alice"), "a1", 2_000), true);
    assert.deepEqual(await index.endAll(nameKey("ALICE "), 1_000), [
      { login: "a2", session: "s2" },
    ]);
    assert.equal(index.hasEnded(named("alice"), "a2", 2_000), true);
    assert.equal(index.hasEnded(named("bob"), "b1", 1_000), false);
    assert.deepEqual(await index.endAll(nameKey("alice"), 1_000), []);
  });

  it("ends what it does not know by when it was begun", async () => {
    const index = createMemorySessionIndex(HOUR);
    await index.endAll(nameKey("alice"), 1_000);
    assert.equal(index.hasEnded(named("alice"), "unknown", 1_000), true);
    assert.equal(index.hasEnded(named("Alice"), "unknown", 1_001), false);
  });

  it("knows a person by all their names, and ends theirs without anybody else's", async () => {
    const index = createMemorySessionIndex(HOUR);
    const alice: Person = { ...named("alice"), otherNames: ["al"] };
    const other: Person = { ...named("alice"), id: "another" };
    await index.add(alice, { login: "a1", session: "s1" });
    await index.add(other, { login: "b1", session: "s2" });
    assert.deepEqual(await index.endAll(personKey(alice), 1_000), [{ login: "a1", session: "s1" }]);
    assert.equal(index.hasEnded(alice, "unknown", 1_000), true);
    assert.equal(index.hasEnded(other, "b1", 1_000), false);
    await index.endAll(nameKey("AL"), 2_000);
    assert.equal(index.hasEnded(alice, "unknown", 2_000), true);
    assert.equal(index.hasEnded(other, "b1", 2_000), false);
  });

  it("counts a login under its new name only", async () => {
    const index = createMemorySessionIndex(HOUR);
    await index.add(named("alice"), { login: "a1", session: "s1" });
    await index.add(named("alicia"), { login: "a1", session: "s1" });
    assert.deepEqual(await index.endAll(nameKey("alice"), 1_000), []);
    assert.deepEqual(await index.endAll(nameKey("alicia"), 1_000), [
      { login: "a1", session: "s1" },
    ]);
  });

  it("takes names for what they are, not for properties of objects", async () => {
    const index = createMemorySessionIndex(HOUR);
    for (const name of ["__proto__", "constructor", "toString"]) {
      assert.deepEqual(await index.endAll(nameKey(name), 1_000), []);
      await index.add(named(name), { login: name, session: "s" });
      assert.equal((await index.endAll(nameKey(name), 1_000)).length, 1);
    }
  });

  it("is bounded: the oldest are not counted any more, and end all the same", async () => {
    const index = createMemorySessionIndex(HOUR);
    for (let n = 0; n <= 100_000; n++) {
      await index.add(named("alice"), { login: `a${n}`, session: `s${n}` });
    }
    assert.equal((await index.endAll(nameKey("alice"), 1_000)).length, 100_000);
    assert.equal(index.hasEnded(named("alice"), "a0", 1_000), true);
  });
});

/** Answers each command so. */
function redisThat(answer: (command: readonly string[]) => Promise<unknown>) {
  const asked: string[] = [];
  const client: RedisClient = {
    sendCommand(command: readonly string[]) {
      asked.push(command[0] ?? "");
      return answer(command);
    },
  };
  return { asked, index: createRedisSessionIndex({ client, prefix: "p:" }, "realm", HOUR) };
}

describe("an index of sessions in Redis", () => {
  it("asks one question for a request", async () => {
    const { asked, index } = redisThat(async () => [null, null, null]);
    assert.equal(await index.hasEnded(named("alice"), "a1", 1_000), false);
    assert.deepEqual(asked, ["MGET"]);
  });

  it("tells people with the same name apart by the realm", async () => {
    const keys: (string | undefined)[] = [];
    const client = { sendCommand: async ([, ...rest]: readonly string[]) => keys.push(rest[2]) };
    for (const realm of ["one", "two"]) {
      const index = createRedisSessionIndex({ client, prefix: "p:" }, realm, HOUR);
      await index.add(named("alice"), { login: "a1", session: "s1" });
    }
    assert.notEqual(keys[0], keys[1]);
  });

  for (const [what, answer] of [
    ["nothing", null],
    ["text", "OK"],
    ["too little", [null]],
    ["a time that is none", [null, null, "soon"]],
    ["an infinite time", [null, "Infinity", null]],
  ] as const) {
    it(`lets nobody in where Redis answers with ${what}`, async () => {
      const { index } = redisThat(async () => answer);
      const asking = async () => index.hasEnded(named("alice"), "a1", 1_000);
      await assert.rejects(asking(), { name: "SessionStoreError" });
    });
  }

  it("fails where Redis fails, is not connected, or never answers", async () => {
    const failing = redisThat(async () => {
      throw new Error("WRONGTYPE");
    });
    const silent = redisThat(() => new Promise(() => {}));
    const away = createRedisSessionIndex(
      {
        client: Object.assign({ sendCommand: async () => [null, null] }, { isReady: false }),
        prefix: "",
      },
      "realm",
      HOUR,
    );
    for (const index of [failing.index, silent.index, away]) {
      const asking = async () => index.hasEnded(named("alice"), "a1", 1_000);
      await assert.rejects(asking(), { name: "SessionStoreError" });
      await assert.rejects(index.endAll(nameKey("alice"), 1_000) as Promise<unknown>, {
        name: "SessionStoreError",
      });
    }
  });
});
