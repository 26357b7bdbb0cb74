import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Deadline, startDeadline } from "../../src/directory/deadline.ts";
import { createShare } from "../../src/web/share.ts";

describe("an equal question under way", () => {
  const plenty = () => startDeadline(60_000);

  function slow() {
    const share = createShare<string>(plenty);
    const answers: ((answer: string) => void)[] = [];
    const budgets: Deadline[] = [];
    const ask = (deadline: Deadline) => {
      budgets.push(deadline);
      return new Promise<string>((resolve) => answers.push(resolve));
    };
    return { share, ask, answers, budgets };
  }

  it("is asked once, and again when the answer is there", async () => {
    const { share, ask, answers } = slow();
    const both = [share(["a", "b"], plenty(), ask), share(["a", "b"], plenty(), ask)];
    assert.equal(answers.length, 1);
    answers[0]?.("yes");
    assert.deepEqual(await Promise.all(both), ["yes", "yes"]);
    void share(["a", "b"], plenty(), ask);
    assert.equal(answers.length, 2);
    answers[1]?.("no");
  });

  it("is equal only to the byte, and word by word", () => {
    const { share, ask, answers } = slow();
    const all = [["a", "b"], ["ab"], ["a", "B"], ["a", "b", undefined], ["b", "a"]];
    for (const words of all) void share(words, plenty(), ask);
    assert.equal(answers.length, all.length);
    for (const answer of answers) answer("");
  });

  it("outlives the asker who had no time left, for those who have", async () => {
    const { share, ask, answers, budgets } = slow();
    const hasty = share(["a"], startDeadline(0), ask);
    const patient = share(["a"], plenty(), ask);
    await assert.rejects(hasty, { code: "timeout" });
    assert((budgets[0]?.remaining() ?? 0) > 30_000);
    answers[0]?.("yes");
    assert.equal(await patient, "yes");
    assert.equal(budgets.length, 1);
  });

  it("does not keep an asker who has no time left", async () => {
    const { share, ask, answers } = slow();
    const patient = share(["a"], plenty(), ask);
    await assert.rejects(share(["a"], startDeadline(0), ask), { code: "timeout" });
    answers[0]?.("yes");
    assert.equal(await patient, "yes");
  });

  it("fails for all who wait, and is asked again by the next", async () => {
    const share = createShare<string>(plenty);
    let asked = 0;
    const ask = async () => {
      asked++;
      throw new Error("away");
    };
    const both = [share(["a"], plenty(), ask), share(["a"], plenty(), ask)];
    for (const each of both) await assert.rejects(each, /away/);
    assert.equal(asked, 1);
    await assert.rejects(share(["a"], plenty(), ask), /away/);
    assert.equal(asked, 2);
  });
});
