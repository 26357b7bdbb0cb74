import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Decision, denied, GRANTED, undecided } from "../../src/authorization/decision.ts";
import { allOf, anyOf, noneOf } from "../../src/authorization/logic.ts";
import type { CompiledRule, Question } from "../../src/authorization/question.ts";
import { DirectoryError } from "../../src/errors.ts";

const DOWN = new DirectoryError("no server", { code: "unreachable" });
const DECISIONS: Readonly<Record<string, Decision>> = {
  yes: GRANTED,
  no: denied("no"),
  open: undecided(DOWN, "asking"),
};
const NOBODY = {} as Question;

/** The outcome of a connective over `"yes no open"`. */
async function outcome(connective: (rules: CompiledRule[]) => CompiledRule, words: string) {
  const rules = words.split(" ").map(
    (word): CompiledRule =>
      async () =>
        DECISIONS[word] ?? assert.fail(),
  );
  return (await connective(rules)(NOBODY)).outcome;
}

describe("three-valued logic", () => {
  const table: readonly (readonly [string, string, string, string])[] = [
    ["yes", "granted", "granted", "denied"],
    ["no", "denied", "denied", "granted"],
    ["open", "undecided", "undecided", "undecided"],
    ["yes yes", "granted", "granted", "denied"],
    ["yes no", "denied", "granted", "denied"],
    ["no no", "denied", "denied", "granted"],
    ["yes open", "undecided", "granted", "denied"],
    ["open yes", "undecided", "granted", "denied"],
    ["no open", "denied", "undecided", "undecided"],
    ["open no", "denied", "undecided", "undecided"],
    ["open open", "undecided", "undecided", "undecided"],
  ];
  for (const [words, all, any, none] of table) {
    it(`${words}: all ${all}, any ${any}, none ${none}`, async () => {
      assert.equal(await outcome(allOf as never, words), all);
      assert.equal(await outcome(anyOf as never, words), any);
      assert.equal(await outcome(noneOf as never, words), none);
    });
  }

  it("asks no further once the answer is known", async () => {
    const never: CompiledRule = () => assert.fail("asked");
    const no: CompiledRule = async () => denied("no");
    const yes: CompiledRule = async () => GRANTED;
    assert.equal((await allOf([no, never])(NOBODY)).outcome, "denied");
    assert.equal((await anyOf([yes, never])(NOBODY)).outcome, "granted");
    assert.equal((await noneOf([yes, never])(NOBODY)).outcome, "denied");
  });
});
