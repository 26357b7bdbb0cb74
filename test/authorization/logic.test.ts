import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Decision, type Outcome, settle } from "../../src/authorization/decision.ts";
import { allOf, anyOf, noneOf, notAnyOf } from "../../src/authorization/logic.ts";
import type { CompiledRule, Question } from "../../src/authorization/question.ts";
import { DirectoryError } from "../../src/errors.ts";

const OUTCOMES = ["granted", "denied", "no-user", "neutral", "undecided"] as const;
const DOWN = new DirectoryError("no server", { code: "unreachable" });
const NOBODY: Question = {
  url: undefined,
  levels: undefined,
  deadline: { remaining: () => 1_000 },
};

function leaf(outcome: Outcome): CompiledRule {
  const error = outcome === "undecided" ? { error: DOWN } : {};
  return async () => ({ outcome, reason: `is ${outcome}`, ...error });
}

/** All lists of one to three outcomes. */
function lists(): readonly (readonly Outcome[])[] {
  const one = OUTCOMES.map((outcome) => [outcome]);
  const two = one.flatMap((list) => OUTCOMES.map((outcome) => [...list, outcome]));
  const three = two.flatMap((list) => OUTCOMES.map((outcome) => [...list, outcome]));
  return [...one, ...two, ...three];
}

/** The first of these that occurs decides; each says what it makes of the whole. */
type Precedence = readonly (readonly [Outcome, Outcome])[];

const TABLES: Readonly<
  Record<string, readonly [(rules: readonly CompiledRule[]) => CompiledRule, Precedence]>
> = {
  all: [
    allOf,
    [
      ["denied", "denied"],
      ["undecided", "undecided"],
      ["no-user", "no-user"],
      ["granted", "granted"],
      ["neutral", "neutral"],
    ],
  ],
  any: [
    anyOf,
    [
      ["granted", "granted"],
      ["undecided", "undecided"],
      ["no-user", "no-user"],
      ["denied", "denied"],
      ["neutral", "neutral"],
    ],
  ],
  not: [
    notAnyOf,
    [
      ["granted", "denied"],
      ["undecided", "undecided"],
      ["no-user", "neutral"],
      ["denied", "neutral"],
      ["neutral", "neutral"],
    ],
  ],
  none: [
    noneOf,
    [
      ["granted", "denied"],
      ["undecided", "undecided"],
      ["no-user", "no-user"],
      ["denied", "granted"],
      ["neutral", "granted"],
    ],
  ],
};

describe("the connectives", () => {
  for (const [name, [connective, precedence]] of Object.entries(TABLES)) {
    it(`"${name}" answers all lists of up to three outcomes as its table says`, async () => {
      for (const list of lists()) {
        const expected = precedence.find(([outcome]) => list.includes(outcome))?.[1];
        const { outcome } = await connective(list.map(leaf))(NOBODY);
        assert.equal(outcome, expected, `${name}(${list.join(", ")})`);
      }
    });
  }
});

/** A rule made of outcomes. */
type Tree =
  | Outcome
  | { readonly of: "all" | "any" | "none" | "not"; readonly parts: readonly Tree[] };

const TREE = fc.letrec<{ tree: Tree; plain: Tree }>((tie) => {
  const outcome = fc.constantFrom(...OUTCOMES);
  const plain = fc.array(tie("plain"), { minLength: 1, maxLength: 3 });
  const any = fc.array(tie("tree"), { minLength: 1, maxLength: 3 });
  return {
    // A "not" stands in an "all" only, as `compileRule` has it.
    plain: fc.oneof(
      { maxDepth: 4 },
      outcome,
      fc.record({ of: fc.constantFrom("any" as const, "none" as const), parts: plain }),
      fc.record({ of: fc.constant("all" as const), parts: any }),
    ),
    tree: fc.oneof(
      { maxDepth: 4 },
      tie("plain"),
      fc.record({ of: fc.constant("not" as const), parts: plain }),
    ),
  };
});

function compiled(tree: Tree): CompiledRule {
  if (typeof tree === "string") return leaf(tree);
  const [connective] = TABLES[tree.of] ?? assert.fail();
  return connective(tree.parts.map(compiled));
}

/** The same tree for each of its leaves, with that leaf undecided. */
function* withOneOpen(tree: Tree): Generator<Tree> {
  if (typeof tree === "string") {
    yield "undecided";
    return;
  }
  for (const [n, part] of tree.parts.entries()) {
    for (const other of withOneOpen(part)) yield { ...tree, parts: tree.parts.with(n, other) };
  }
}

async function lastWord(tree: Tree): Promise<Decision> {
  return settle(await compiled(tree)(NOBODY));
}

describe("what could not be asked", () => {
  it("never turns a refusal into a grant, whatever it stands for and wherever", async () => {
    await fc.assert(
      fc.asyncProperty(TREE.plain, async (tree) => {
        const { outcome } = await lastWord(tree);
        if (outcome === "granted") return;
        for (const other of withOneOpen(tree)) {
          assert.notEqual(
            (await lastWord(other)).outcome,
            "granted",
            JSON.stringify({ tree, other }),
          );
        }
      }),
      { numRuns: 3_000 },
    );
  });
});

describe("a connective", () => {
  const never: CompiledRule = () => assert.fail("asked");

  it("asks no further once the answer is known", async () => {
    assert.equal((await allOf([leaf("denied"), never])(NOBODY)).outcome, "denied");
    assert.equal((await anyOf([leaf("granted"), never])(NOBODY)).outcome, "granted");
    assert.equal((await noneOf([leaf("granted"), never])(NOBODY)).outcome, "denied");
    assert.equal((await notAnyOf([leaf("granted"), never])(NOBODY)).outcome, "denied");
  });

  it("carries the decisions of its parts, as far as they were asked", async () => {
    const { parts, reason } = await anyOf([leaf("denied"), leaf("granted"), never])(NOBODY);
    assert.deepEqual(
      parts?.map(({ outcome }) => outcome),
      ["denied", "granted"],
    );
    assert.equal(reason, "is granted");
  });

  it("tells all reasons of a refusal, and what held of a rule that must not", async () => {
    const refusal = await anyOf([leaf("denied"), leaf("denied")])(NOBODY);
    assert.equal(refusal.reason, "is denied; is denied");
    assert.match(
      (await noneOf([leaf("granted")])(NOBODY)).reason,
      /must not hold does: is granted/,
    );
  });

  const wrong = new DirectoryError("no such group", { code: "no-such-object" });
  const opens = (error: DirectoryError): CompiledRule => {
    return async () => ({ outcome: "undecided", reason: error.message, error });
  };

  it("is open for good only where asking again would change nothing", async () => {
    const both = [opens(wrong), opens(DOWN)];
    assert.equal(settle(await anyOf(both)(NOBODY)).outcome, "undecided");
    assert.equal(settle(await allOf(both.toReversed())(NOBODY)).outcome, "denied");
    assert.equal(settle(await noneOf(both.toReversed())(NOBODY)).outcome, "denied");
    assert.equal(settle(await notAnyOf(both.toReversed())(NOBODY)).outcome, "denied");
  });
});
