import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { startDeadline } from "../../src/directory/deadline.ts";
import { DirectoryError } from "../../src/errors.ts";
import { addressKeys } from "../../src/tables/address-keys.ts";
import { checkAccess } from "../../src/tables/check-access.ts";
import { type Conclusion, checkRestrictions } from "../../src/tables/check-restrictions.ts";
import type { LdapTable } from "../../src/tables/ldap-table.ts";
import { tableOf } from "../support/memory-table.ts";

const soon = () => startDeadline(1_000);

describe("checkAccess", () => {
  it("asks for one key after the other, until one is found", async () => {
    const table = tableOf({ "b@x.example": ["DUNNO"], "x.example": ["REJECT"] });
    const keys = addressKeys()("b@x.example");
    assert.equal((await checkAccess({ table, keys }, soon())).kind, "dunno");
    assert.deepEqual(table.asked, ["b@x.example"]);
    const others = addressKeys()("c@x.example");
    assert.equal((await checkAccess({ table, keys: others }, soon())).kind, "refuse");
    assert.deepEqual(table.asked.slice(1), ["c@x.example", "x.example"]);
  });

  it("joins the values of a key, as smtpd gets them", async () => {
    const table = tableOf({ a: ["REJECT one", "REJECT two"], b: ["OK", "OK"] });
    const a = await checkAccess({ table, keys: ["a"] }, soon());
    assert.equal(a.kind === "refuse" && a.restriction.text, "one,REJECT two");
    assert.equal((await checkAccess({ table, keys: ["b"] }, soon())).kind, "misconfigured");
  });

  for (const [what, keys] of Object.entries<readonly unknown[]>({
    "no keys": [],
    "an empty key": ["a", ""],
    "a NUL": ["a\0b"],
    "half a letter": ["\ud800"],
    "no text": [undefined],
    "a thousand and one keys": Array.from({ length: 1_001 }, (_, n) => `k${n}`),
  })) {
    it(`refuses ${what} without asking`, async () => {
      const table = tableOf({ a: ["OK"] });
      const result = await checkAccess({ table, keys: keys as readonly string[] }, soon());
      assert.equal(result.kind === "refuse" && result.restriction.text, "Access denied");
      assert.equal(result.kind === "refuse" && result.restriction.kind, "reject");
      assert.deepEqual(table.asked, []);
    });
  }

  for (const answer of [null, [], "OK", [undefined], [["OK"]], {}, 0, "", false]) {
    it(`lets nobody in where a table answers ${JSON.stringify(answer)}`, async () => {
      const table = { ...tableOf({}), lookup: async () => answer } as unknown as LdapTable;
      const result = await checkAccess({ table, keys: ["a"] }, soon());
      assert.equal(result.kind, "misconfigured");
    });
  }

  it("rejects where the table could not say, at any of the keys", async () => {
    const error = new DirectoryError("away", { code: "unreachable" });
    const table: LdapTable = {
      ...tableOf({}),
      lookup: async (key) => {
        if (key === "b") throw error;
        return undefined;
      },
    };
    await assert.rejects(checkAccess({ table, keys: ["a", "b", "c"] }, soon()), error);
  });

  it("stops asking when time is up", async () => {
    const table = tableOf({});
    let left = 3;
    const remaining = () => left--;
    await assert.rejects(checkAccess({ table, keys: [..."abcdefg"] }, { remaining }), {
      name: "DirectoryError",
      code: "timeout",
    });
    assert.equal(table.asked.length, 3);
  });
});

describe("checkRestrictions", () => {
  /** One table for each result, and what they come to. */
  async function conclude(...results: readonly (string | undefined)[]): Promise<Conclusion> {
    const questions = results.map((result, n) => ({
      table: tableOf(result === undefined ? {} : { k: [result] }, `table ${n}`),
      keys: ["k"],
    }));
    return checkRestrictions(questions, soon());
  }
  const codeOf = async (...results: readonly (string | undefined)[]) =>
    (await conclude(...results)).restriction?.code;

  it("lets pass where no table says anything, and where there is none", async () => {
    assert.deepEqual(await conclude(), { restriction: undefined, findings: [] });
    assert.deepEqual(await conclude(undefined, "DUNNO", undefined), {
      restriction: undefined,
      findings: [],
    });
  });

  it("goes on behind DUNNO and not found, and ends with the first that permits or refuses", async () => {
    assert.equal(await codeOf(undefined, "DUNNO", "REJECT"), 554);
    assert.equal(await codeOf("OK", "REJECT"), undefined);
    assert.equal(await codeOf("550 no", "OK"), 550);
    assert.equal(await codeOf("450 no", "550 no"), 450);
    assert.equal(await codeOf("WARN x", "REJECT"), 554);
    assert.equal(await codeOf("NONSENSE", "OK"), 451);
    assert.equal(await codeOf("DISCARD", "OK"), 451);
  });

  it("knows what is deferred only if", async () => {
    assert.equal(await codeOf("DEFER_IF_PERMIT x"), 450);
    assert.equal(await codeOf("DEFER_IF_PERMIT x", "OK"), 450);
    assert.equal(await codeOf("DEFER_IF_PERMIT x", "REJECT"), 554);
    assert.equal(await codeOf("DEFER_IF_REJECT x"), undefined);
    assert.equal(await codeOf("DEFER_IF_REJECT x", "OK", "REJECT"), undefined);
    const { restriction } = await conclude("DEFER_IF_REJECT x", "REJECT y");
    assert.deepEqual(restriction, { kind: "defer", code: 450, enhancedStatus: "4.7.1", text: "x" });
    assert.equal(await codeOf("DEFER_IF_REJECT x", "450 4.7.9 y"), 450);
    assert.equal(await codeOf("DEFER_IF_REJECT x", "NONSENSE"), 451);
  });

  it("tells which table said what", async () => {
    const { findings } = await conclude("WARN look", "DUNNO", "FILTER a:b", "REJECT 5.7.9 no");
    assert.deepEqual(findings, [
      { table: "table 0", outcome: "noted", action: "WARN", text: "look" },
      { table: "table 2", outcome: "noted", action: "FILTER", text: "a:b" },
      {
        ...{ table: "table 3", outcome: "rejected", action: "REJECT" },
        ...{ enhancedStatus: "5.7.9", text: "no" },
      },
    ]);
    const wrong = (await conclude("NONSENSE\u001b[2J here")).findings;
    assert.equal(wrong[0]?.outcome, "misconfigured");
    assert.equal(wrong[0]?.action, "NONSENSE?[2J");
    assert.equal((await conclude("450 no")).findings[0]?.outcome, "deferred");
  });
});
