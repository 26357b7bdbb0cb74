import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { startDeadline } from "../../src/directory/deadline.ts";
import type { OperationReport, Searches, SearchQuery } from "../../src/directory/directory.ts";
import { rememberAnswers } from "../../src/directory/remembered-answers.ts";
import { DirectoryError } from "../../src/errors.ts";
import type { Entry } from "../../src/ldap/entry.ts";

const soon = () => startDeadline(1_000);
const entry = (dn: string, values: readonly string[] = []): Entry => ({
  dn,
  attributes: new Map([["member", values]]),
});
const QUERY: SearchQuery = {
  base: "cn=staff,dc=x",
  scope: "base",
  filter: { type: "equal", attribute: "member", value: Buffer.from("uid=a,dc=x") },
  attributes: [],
  limit: 1,
};

let asked: string[];
let found: readonly Entry[];
let isEqual: boolean;
let changedAt: number;
let reports: OperationReport[];

const directory: Searches = {
  async search({ base }) {
    asked.push(`search ${base}`);
    if (base === "down") throw new DirectoryError("away", { code: "unreachable" });
    return found;
  },
  async compare(dn, attribute, value) {
    asked.push(`compare ${dn} ${attribute} ${value}`);
    return isEqual;
  },
  reporting: () => directory,
};

function answers(ttl = 60_000, size = 100): Searches {
  const memory = rememberAnswers({ ttl, size }, () => {});
  return memory
    .of(directory, () => changedAt)
    .reporting((operation) => void reports.push(operation));
}

beforeEach(() => {
  asked = [];
  found = [entry("cn=staff,dc=x")];
  isEqual = true;
  changedAt = 0;
  reports = [];
});

describe("an answer", () => {
  it("that found something is asked for once, and reported as from memory then", async () => {
    const searches = answers();
    for (let n = 0; n < 3; n++) assert.deepEqual(await searches.search(QUERY, soon()), found);
    assert.equal(asked.length, 1);
    assert.deepEqual(
      reports.map(({ cacheHit, result, server }) => [cacheHit, result, server]),
      [
        [true, "found 1", undefined],
        [true, "found 1", undefined],
      ],
    );
  });

  it("that compared as true is too", async () => {
    const searches = answers();
    for (let n = 0; n < 3; n++) assert(await searches.compare("cn=g", "member", "a", soon()));
    assert.equal(asked.length, 1);
  });

  it("is asked for again each time while it is no", async () => {
    const searches = answers();
    found = [];
    isEqual = false;
    for (let n = 0; n < 2; n++) {
      assert.deepEqual(await searches.search(QUERY, soon()), []);
      assert.equal(await searches.compare("cn=g", "member", "a", soon()), false);
    }
    assert.equal(asked.length, 4);
  });

  it("is never another question's", async () => {
    const searches = answers();
    await searches.search(QUERY, soon());
    await searches.compare("cn=g", "member", "a", soon());
    const others: readonly SearchQuery[] = [
      { ...QUERY, base: "cn=other,dc=x" },
      { ...QUERY, scope: "sub" },
      {
        ...QUERY,
        filter: { type: "equal", attribute: "member", value: Buffer.from("uid=b,dc=x") },
      },
      { ...QUERY, filter: { type: "equal", attribute: "owner", value: Buffer.from("uid=a,dc=x") } },
      { ...QUERY, attributes: ["cn"] },
      { ...QUERY, limit: 2 },
    ];
    for (const other of others) await searches.search(other, soon());
    await searches.compare("cn=g", "member", "b", soon());
    await searches.compare("cn=g", "owner", "a", soon());
    await searches.compare("cn=h", "member", "a", soon());
    await searches.compare("cn=g", "member", Buffer.from("a"), soon());
    assert.equal(asked.length, 2 + others.length + 4);
  });

  it("is forgotten after its time, and when the directory has changed", async () => {
    const brief = answers(0);
    await brief.search(QUERY, soon());
    await brief.search(QUERY, soon());
    assert.equal(asked.length, 2);
    const searches = answers();
    await searches.search(QUERY, soon());
    changedAt = performance.now();
    await searches.search(QUERY, soon());
    assert.equal(asked.length, 4);
  });

  it("that could not be had is nobody's", async () => {
    const searches = answers();
    const down = { ...QUERY, base: "down" };
    await assert.rejects(searches.search(down, soon()), { code: "unreachable" });
    await assert.rejects(searches.search(down, soon()), { code: "unreachable" });
  });

  it("with very many values is not kept", async () => {
    const searches = answers();
    found = [entry("cn=staff,dc=x", Array(5_000).fill("uid=a,dc=x"))];
    await searches.search(QUERY, soon());
    await searches.search(QUERY, soon());
    assert.equal(asked.length, 2);
  });
});
