import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readPostmapArguments } from "../../src/cli/read-postmap-arguments.ts";

function asked(key: string, file: string, flags = "") {
  const [foldKeys, isVerbose] = [!flags.includes("f"), flags.includes("v")];
  return { kind: "postmap", file, key, foldKeys, isVerbose };
}

describe("the arguments of postmap", () => {
  const good: readonly (readonly [readonly string[], ReturnType<typeof asked>])[] = [
    [["-q", "key", "x.cf"], asked("key", "x.cf")],
    [["x.cf", "-q", "key"], asked("key", "x.cf")],
    [["-q", "key", "ldap:/etc/x.cf"], asked("key", "/etc/x.cf")],
    [["-q", "key", "ldap:ldap:x"], asked("key", "ldap:x")],
    [["-vqkey", "-f", "x.cf"], asked("key", "x.cf", "vf")],
    [["-v", "-v", "-q", "-", "x.cf"], asked("-", "x.cf", "v")],
    [["-q", "", "x.cf"], asked("", "x.cf")],
    [["-q", "--", "--", "-x.cf"], asked("--", "-x.cf")],
  ];
  for (const [args, expected] of good) {
    it(`${JSON.stringify(args)} are understood`, () => {
      assert.deepEqual(readPostmapArguments(args), expected);
    });
  }

  for (const key of ["-v", "-f", "-q", "--help", "-h", "--", "-", "-x", "a\nb", "ldap:x"]) {
    it(`${JSON.stringify(key)} is a key behind -q`, () => {
      assert.deepEqual(readPostmapArguments(["-q", key, "x.cf"]), asked(key, "x.cf"));
    });
  }

  it("are a call for help with -h and --help", () => {
    assert.equal(readPostmapArguments(["--help"]), undefined);
    assert.equal(readPostmapArguments(["-q", "key", "-h"]), undefined);
  });
});
