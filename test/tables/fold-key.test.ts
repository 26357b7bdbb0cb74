import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { foldKey } from "../../src/tables/fold-key.ts";

describe("foldKey", () => {
  // As postmap folds them.
  const cases: readonly (readonly [key: string, folded: string])[] = [
    ["", ""],
    ["Alice@Example.ORG", "alice@example.org"],
    ["ΑΛΦΑ@x", "αλφα@x"],
    // No other sigma at the end of a word.
    ["ΑΣ@x", "ασ@x"],
    ["ας@x", "ασ@x"],
    ["Straße", "strasse"],
    ["STRASSE", "strasse"],
    ["STRAẞE", "strasse"],
    ["\u212Aelvin", "kelvin"],
    ["\uFB01x", "fix"],
    ["\u0130x", "i\u0307x"],
    ["\u0131x", "\u0131x"],
    ["\u13A0\uAB70\u13F8", "\u13A0\u13A0\u13F0"],
    ["\u{10400}", "\u{10428}"],
    ["\u1F80", "\u1F00\u03B9"],
    ["日本@x", "日本@x"],
    ["e\u0301", "e\u0301"],
  ];
  for (const [key, folded] of cases) {
    it(`makes ${JSON.stringify(key)} ${JSON.stringify(folded)}`, () => {
      assert.equal(foldKey(key), folded);
    });
  }

  it("changes nothing that is folded", () => {
    for (let code = 0; code < 0x30000; code += 1) {
      const folded = foldKey(String.fromCodePoint(code));
      assert.equal(foldKey(folded), folded, code.toString(16));
    }
  });
});
