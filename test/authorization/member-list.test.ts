import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readMembers } from "../../src/authorization/groups/member-list.ts";
import { startDeadline } from "../../src/directory/deadline.ts";
import type { Searches } from "../../src/directory/directory.ts";
import { DirectoryError } from "../../src/errors.ts";

type Part = Readonly<Record<string, readonly string[]>> | undefined;

/** Answers to the attributes that are asked for, by their names. */
function answering(parts: Readonly<Record<string, Part>>): Searches {
  const searches: Searches = {
    async search({ base, attributes }) {
      const part = parts[attributes.join(" ")];
      return part === undefined ? [] : [{ dn: base, attributes: new Map(Object.entries(part)) }];
    },
    compare: () => Promise.reject(new Error("no compare is needed")),
    reporting: () => searches,
  };
  return searches;
}

function read(parts: Readonly<Record<string, Part>>, attributes = ["member", "uniqueMember"]) {
  return readMembers(answering(parts), "cn=g", attributes, startDeadline(1_000));
}

describe("a group's list", () => {
  it("is what its attributes hold", async () => {
    const members = await read({
      "member uniqueMember": { member: ["a"], uniquemember: ["b", "c"] },
    });
    assert.deepEqual(members, ["a", "b", "c"]);
  });

  it("is empty without them, and not there without the entry", async () => {
    assert.deepEqual(await read({ "member uniqueMember": {} }), []);
    assert.equal(await read({}), undefined);
  });

  it("is put together of the parts that Active Directory sends", async () => {
    const members = await read({
      "member uniqueMember": { member: [], "member;range=0-1": ["a", "b"], uniquemember: ["x"] },
      "member;range=2-*": { "member;range=2-3": ["c", "d"] },
      "member;range=4-*": { "member;range=4-*": ["e"] },
    });
    assert.deepEqual(members, ["a", "b", "c", "d", "e", "x"]);
  });

  for (const [name, more] of [
    ["goes on with nothing", {}],
    ["starts again", { "member;range=0-1": ["a", "b"] }],
    ["leaves some out", { "member;range=5-*": ["f"] }],
    ["goes backwards", { "member;range=2-1": ["f"] }],
    ["is gone", undefined],
  ] as const) {
    it(`is an error if it ${name}`, async () => {
      const parts = {
        member: { "member;range=0-1": ["a", "b"] },
        "member;range=2-*": more,
      };
      await assert.rejects(
        read(parts, ["member"]),
        (error) => error instanceof DirectoryError && error.code === "protocol",
      );
    });
  }
});
