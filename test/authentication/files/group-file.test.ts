import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openGroupFile } from "../../../src/authentication/files/group-file.ts";
import { DirectoryError } from "../../../src/errors.ts";

const GROUPS = `# comment
admins: alice bob
  staff : bob  "two words" 'it''s' back\\\\slash \\
    carol
staff: dave
Mixed: alice
empty:
no colon here
quoted: "a \\"b\\"" un"closed
José: josé
voilà : là bob\u00a0 eve
`;

let folder: string;
let path: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "authnz-ldap-"));
  path = join(folder, "groups");
  await writeFile(path, GROUPS);
});
after(() => rm(folder, { recursive: true }));

const NAMES = [
  "admins",
  "staff",
  "mixed",
  "empty",
  "quoted",
  "josé",
  "josÉ",
  "voilà",
  "no colon here",
];

async function groupsOf(name: string): Promise<readonly string[]> {
  const groups = await openGroupFile(path).groupsOf(name);
  return NAMES.filter((group) => groups.has(group));
}

describe("a group file", () => {
  it("lists people in groups, several lines of one together", async () => {
    assert.deepEqual(await groupsOf("alice"), ["admins", "mixed"]);
    assert.deepEqual(await groupsOf("bob"), ["admins", "staff"]);
    assert.deepEqual(await groupsOf("carol"), ["staff"]);
    assert.deepEqual(await groupsOf("dave"), ["staff"]);
  });

  it("reads words in quotes, and backslashes, as httpd does", async () => {
    assert.deepEqual(await groupsOf("two words"), ["staff"]);
    assert.deepEqual(await groupsOf("back\\slash"), ["staff"]);
    assert.deepEqual(await groupsOf('a "b"'), ["quoted"]);
    assert.deepEqual(await groupsOf('un"closed'), ["quoted"]);
    assert.deepEqual(await groupsOf("two"), []);
    assert.deepEqual(await groupsOf('"two'), []);
  });

  it("compares people byte for byte, and groups in any letter case", async () => {
    assert.deepEqual(await groupsOf("Alice"), []);
    assert.deepEqual(await groupsOf("josé"), ["josé"]);
    assert.deepEqual(await groupsOf("José"), []);
    assert.deepEqual(await groupsOf("là"), ["voilà"]);
    assert.deepEqual(await groupsOf("bob\u00a0"), ["voilà"]);
    assert.deepEqual(await groupsOf("l\u00c3"), []);
    assert((await openGroupFile(path).groupsOf("alice")).has("ADMINS"));
  });

  it("lists nobody else", async () => {
    for (const name of ["", "mallory", "admins", ":", "colon", "__proto__", "constructor"]) {
      assert.deepEqual(await groupsOf(name), [], name);
    }
    assert(!(await openGroupFile(path).groupsOf("alice")).has(""));
  });

  it("is read again when it has changed, and lists nobody when it is gone", async () => {
    const own = join(folder, "changing");
    await writeFile(own, "admins: alice\n");
    const file = openGroupFile(own);
    assert((await file.groupsOf("alice")).has("admins"));
    await writeFile(own, "admins: bob\n");
    assert(!(await file.groupsOf("alice")).has("admins"));
    await rm(own);
    await assert.rejects(file.groupsOf("bob"), DirectoryError);
  });
});
