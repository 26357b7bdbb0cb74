import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { inTurn } from "../../../src/authentication/files/hash-queue.ts";
import { startDeadline } from "../../../src/directory/deadline.ts";
import { DirectoryError } from "../../../src/errors.ts";

describe("inTurn", () => {
  it("hashes one password after the other, and goes on after one that fails", async () => {
    let atOnce = 0;
    let most = 0;
    const hash = async (index: number) => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      await wait(2);
      atOnce -= 1;
      if (index === 3) throw new TypeError("no hash");
      return index;
    };
    const all = Array.from({ length: 20 }, (_, index) =>
      inTurn(startDeadline(5_000), () => hash(index)),
    );
    const settled = await Promise.allSettled(all);
    assert.equal(most, 1);
    assert.deepEqual(
      settled.map(({ status }, index) => status === "fulfilled" || index),
      settled.map((_, index) => index !== 3 || 3),
    );
  });

  it("turns away whose time is over, and those that are too many", async () => {
    let asked = 0;
    const slow = async () => {
      asked += 1;
      await wait(60);
    };
    const tries = Array.from({ length: 300 }, () => inTurn(startDeadline(50), slow));
    const settled = await Promise.allSettled(tries);
    const codes = settled.flatMap((one) =>
      one.status === "rejected" ? (one.reason as DirectoryError).code : [],
    );
    assert(codes.every((code) => code === "timeout" || code === "busy"));
    assert(codes.includes("busy") && codes.includes("timeout"));
    assert(asked <= 2, `${asked} were asked`);
    assert.equal(await inTurn(startDeadline(1_000), async () => "again"), "again");
  });

  it("rejects with a DirectoryError, which is answered with 503", async () => {
    await assert.rejects(
      inTurn({ ...startDeadline(1), remaining: () => 0 }, async () => "never"),
      DirectoryError,
    );
  });
});
