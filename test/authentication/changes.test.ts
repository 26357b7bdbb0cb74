import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createChanges } from "../../src/authentication/changes.ts";

const PEOPLE = "ou=people,dc=test";
const alice = { dn: `uid=alice,${PEOPLE}`, id: "id-alice", username: "alice" };
const bob = { dn: `uid=bob,${PEOPLE}`, id: "id-bob", username: "bob" };
const PERSON = ["person", "inetorgperson", "mycompanyperson"];

/** Changes on a clock that only the test turns. */
function onClock(size?: number) {
  let time = 1_000;
  const changes = createChanges({ now: () => time, ...(size !== undefined && { size }) });
  return {
    ...changes,
    at(next: number) {
      time = next;
    },
    /** Notes a person's change as a watch would see it. */
    person({ dn, id }: { readonly dn?: string; readonly id?: string }) {
      const named = { ...(dn !== undefined && { dn }), ...(id !== undefined && { id }) };
      changes.note({ kind: "entry", ...named, classes: PERSON });
    },
  };
}

describe("a change of a person's entry", () => {
  it("counts for that person alone, from now on", () => {
    const { person, lastOf, at } = onClock();
    assert.equal(lastOf(alice), 0);
    person(alice);
    at(5_000);
    assert.equal(lastOf(alice), 1_000);
    assert.equal(lastOf(bob), 0);
  });

  it("is known by the id after a renaming", () => {
    const { person, lastOf } = onClock();
    person({ ...alice, dn: `uid=alicia,${PEOPLE}` });
    assert.equal(lastOf(alice), 1_000);
    assert.equal(lastOf(bob), 0);
  });

  it("is known by the DN in any spelling, where the id is another one", () => {
    const { person, lastOf } = onClock();
    person({ dn: "UID=Alice , OU=people,dc=TEST", id: "another kind of id" });
    assert.equal(lastOf(alice), 1_000);
    assert.equal(lastOf(bob), 0);
  });

  it("counts for whoever has no id: they could have been the one who was renamed", () => {
    const { person, lastOf } = onClock();
    person({ dn: `uid=alicia,${PEOPLE}`, id: "id-alice" });
    const { id: _, ...withoutId } = bob;
    assert.equal(lastOf(withoutId), 1_000);
    assert.equal(lastOf(bob), 0);
  });

  it("has its effect once a second, and the last one within a second", () => {
    const { person, lastOf, at } = onClock();
    const effects = new Set<number>();
    for (let time = 1_000; time <= 4_990; time += 10) {
      at(time);
      person(alice);
      const last = lastOf(alice);
      assert(time - last < 1_000);
      effects.add(last);
    }
    assert.deepEqual([...effects], [1_000, 2_000, 3_000, 4_000]);
    at(4_999);
    assert.equal(lastOf(alice), 4_000);
    at(5_000);
    assert.equal(lastOf(alice), 5_000, "the last change has not been lost");
    at(500_000);
    assert.equal(lastOf(alice), 5_000, "and nothing comes after it");
  });

  it("is not lost when nobody looks for long", () => {
    const { person, lastOf, at } = onClock();
    person(alice);
    at(1_500);
    person(alice);
    at(90_000);
    assert.equal(lastOf(alice), 2_000);
    person(alice);
    assert.equal(lastOf(alice), 90_000);
  });

  it("never lies in the future", () => {
    const { person, note, noteName, lastOf, at } = onClock();
    for (const time of [1_000, 1_001, 1_700, 1_999, 2_000, 2_001]) {
      at(time);
      person(alice);
      note({ kind: "anything" });
      noteName("alice");
      assert(lastOf(alice) <= time);
    }
  });
});

describe("a change that may matter to others", () => {
  const CASES = [
    ["of anything", { kind: "anything" }],
    ["of a group", { kind: "entry", dn: "cn=admins,dc=test", classes: ["top", "groupofnames"] }],
    ["of a group among the people", { kind: "entry", dn: `cn=g,${PEOPLE}`, classes: ["group"] }],
    [
      "of a group that calls itself a person, too",
      { kind: "entry", dn: `cn=g,${PEOPLE}`, classes: ["person", "posixgroup"] },
    ],
    ["of a container", { kind: "entry", dn: PEOPLE, classes: ["top", "organizationalunit"] }],
    ["of an entry of unknown kind", { kind: "entry", dn: `cn=x,${PEOPLE}`, id: "x" }],
    ["of an entry of no kind", { kind: "entry", dn: `cn=x,${PEOPLE}`, classes: [] }],
    ["of which only the id is known", { kind: "entry", id: "x" }],
    ["of what has no readable DN", { kind: "entry", dn: "no DN at all" }],
  ] as const;

  for (const [what, change] of CASES) {
    it(`${what} counts for everybody`, () => {
      const { note, lastOf } = onClock();
      note(change);
      assert.equal(lastOf(alice), 1_000);
      assert.equal(lastOf({ dn: "", username: "somebody of a file" }), 1_000);
    });
  }

  it("has its effect at once, then once a second, and at last once in ten", () => {
    const { note, lastOf, at } = onClock();
    const effects: number[] = [];
    for (let time = 1_000; time <= 60_000; time += 100) {
      at(time);
      note({ kind: "anything" });
      const last = lastOf(alice);
      if (last !== effects.at(-1)) effects.push(last);
    }
    assert.deepEqual(effects, [1_000, 2_000, 4_000, 8_000, 16_000, 26_000, 36_000, 46_000, 56_000]);
    at(66_000);
    assert.equal(lastOf(alice), 66_000, "the last change has not been lost");
  });

  it("has its effect at once again after a storm is over", () => {
    const { note, lastOf, at } = onClock();
    for (let time = 1_000; time <= 30_000; time += 100) {
      at(time);
      note({ kind: "anything" });
    }
    at(50_000);
    note({ kind: "anything" });
    assert.equal(lastOf(alice), 50_000);
    at(51_000);
    note({ kind: "anything" });
    assert.equal(lastOf(alice), 51_000);
  });

  it("holds up nobody whose own entry changes meanwhile", () => {
    const { person, note, lastOf, at } = onClock();
    for (let time = 1_000; time <= 30_000; time += 100) {
      at(time);
      note({ kind: "anything" });
    }
    at(30_050);
    person(alice);
    assert.equal(lastOf(alice), 30_050);
    assert.equal(lastOf(bob), 26_000);
  });
});

describe("a name", () => {
  it("is read again, in any letter case, and nobody else", () => {
    const { noteName, lastOf } = onClock();
    noteName(" ALICE ");
    assert.equal(lastOf(alice), 1_000);
    assert.equal(lastOf(bob), 0);
  });

  it("is read again at once each time", () => {
    const { noteName, lastOf, at } = onClock();
    for (const time of [1_000, 1_001, 1_500]) {
      at(time);
      noteName("alice");
      assert.equal(lastOf(alice), time);
    }
  });
});

describe("more people than are remembered", () => {
  const nth = (n: number) => ({ dn: `uid=p${n},${PEOPLE}`, id: `id-${n}`, username: `p${n}` });

  it("are not forgotten: a change of long ago counts for everybody, and as of then", () => {
    const { person, lastOf, at } = onClock(10);
    person(nth(0));
    at(100_000);
    for (let n = 1; n <= 10; n++) person(nth(n));
    assert.equal(lastOf(nth(0)), 1_000);
    assert.equal(lastOf(bob), 1_000);
    assert.equal(lastOf(nth(10)), 100_000);
  });

  it("at once count for everybody, as any storm does", () => {
    const { person, lastOf, at } = onClock(10);
    const effects = new Set<number>();
    for (let n = 0; n < 40_000; n++) {
      at(1_000 + n);
      person(nth(n));
      effects.add(lastOf(bob));
    }
    assert(effects.size < 10, `${effects.size} effects in 40 s`);
    at(60_000);
    assert(lastOf(nth(39_989)) >= 40_989);
  });

  it("take no more memory", () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const changes = createChanges({ size: 100 });
    const note = (from: number, to: number): number => {
      for (let n = from; n < to; n++) {
        changes.note({ kind: "entry", ...nth(n), classes: PERSON });
        changes.noteName(`p${n}`);
        changes.lastOf(nth(n));
      }
      collect();
      return process.memoryUsage().heapUsed;
    };
    const begin = note(0, 1_000);
    const end = note(1_000, 50_000);
    assert(end - begin < 1024 * 1024, `${end - begin} bytes`);
  });
});
