import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { startDeadline } from "../../src/directory/deadline.ts";
import {
  FAIL,
  FORGET,
  failuresOf,
  GIVE_BACK,
  placesOf,
  pointsFor,
  step,
  TAKE,
} from "../../src/web/throttle-count.ts";
import { createCounts, createOwnCounter } from "../../src/web/throttle-memory.ts";

/** So many keys at most, and their clock. */
function countsAt(most: number) {
  let now = 0;
  return {
    counts: createCounts(() => now, most),
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

describe("the counts of this process", () => {
  it("are as many as may be, whatever comes", () => {
    const { counts } = countsAt(100);
    for (let i = 0; i < 10_000; i++) counts.set(`key${i}`, (i % 3) * FAIL, 1_000);
    let left = 0;
    for (let i = 0; i < 10_000; i++) if (counts.get(`key${i}`)) left++;
    assert(left > 0 && left <= 100, `${left}`);
  });

  it("lose a key that says little before one that says much, however long that has been there", () => {
    const { counts } = countsAt(100);
    for (let i = 0; i < 15; i++) counts.set(`guessed${i}`, 2 * FAIL, 1_000);
    for (let i = 0; i < 10_000; i++) counts.set(`junk${i}`, FAIL, 1_000);
    for (let i = 0; i < 15; i++) assert.equal(counts.get(`guessed${i}`)?.value, 2 * FAIL);
  });

  it("are over after their time, and begin anew", () => {
    const { counts, pass } = countsAt(100);
    counts.set("a", FAIL, 1_000);
    pass(999);
    assert.equal(counts.get("a")?.value, FAIL);
    pass(1);
    assert.equal(counts.get("a"), undefined);
    counts.set("a", 2 * FAIL, 1_000);
    pass(999);
    assert.equal(counts.get("a")?.value, 2 * FAIL);
  });

  it("let the time of a wrong password begin with it, and not with right ones before", () => {
    const { counts, pass } = countsAt(100);
    counts.set("a", 1, 1_000);
    counts.set("a", 0, 1_000);
    pass(900);
    counts.set("a", FAIL, 1_000);
    pass(900);
    assert.equal(counts.get("a")?.value, FAIL);
  });

  it("do not keep what says nothing", () => {
    const { counts } = countsAt(100_000);
    for (let i = 0; i < 10_000; i++) {
      counts.set(`key${i}`, 1, 1_000);
      counts.set(`key${i}`, 0, 1_000);
    }
    let left = 0;
    for (let i = 0; i < 10_000; i++) if (counts.get(`key${i}`)) left++;
    assert(left <= 1_001, `${left}`);
  });
});

describe("a counter of this process", () => {
  it("takes any fraction of a millisecond for a time", async () => {
    const windows = fc.integer({ min: 1_000, max: 604_800_000 });
    const clocks = fc.double({ min: 0, max: 1e12, noNaN: true });
    await fc.assert(
      fc.asyncProperty(windows, clocks, clocks, async (window, first, pause) => {
        let time = first;
        const now = () => time;
        const counter = createOwnCounter({ most: 2, window }, createCounts(now), now);
        for (let i = 0; i < 3; i++) {
          const taken = await counter.take("a", startDeadline(1_000));
          if (taken.outcome === "placed") await taken.leave("failed");
          time += i === 0 ? 0 : pause % (window * 2);
        }
      }),
    );
  });

  it("does not stop where its clock goes on between two looks at it", async () => {
    let time = 0;
    const now = () => {
      time += 0.4;
      return time;
    };
    const counter = createOwnCounter({ most: 1_000_000, window: 1_000 }, createCounts(now), now);
    for (let i = 0; i < 3_000; i++) {
      const taken = await counter.take("a", startDeadline(1_000));
      assert.equal(taken.outcome, "placed");
      if (taken.outcome === "placed") await taken.leave(i % 2 ? "failed" : "given-back");
    }
  });
});

describe("a step of a count", () => {
  it("never gives more places than there are, and forgets no wrong password but where told", () => {
    const changes = fc.array(fc.constantFrom(TAKE, GIVE_BACK, FAIL, FORGET), { maxLength: 60 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), changes, (most, steps) => {
        let count = 0;
        let failures = 0;
        let underWay = 0;
        for (const change of steps) {
          const { kept, told } = step(count, change, pointsFor(most));
          if (change === TAKE) {
            const isFree = failures + underWay < most;
            if (isFree) underWay++;
            assert.equal(told > pointsFor(most), failures >= most);
            if (failures < most) assert.equal(placesOf(told) <= most, isFree);
          } else {
            underWay = Math.max(0, underWay - 1);
            if (change === FAIL) failures++;
            if (change === FORGET) failures = 0;
          }
          assert.equal(failuresOf(kept), failures);
          assert.equal(placesOf(kept), failures + underWay);
          count = kept;
        }
      }),
    );
  });
});
