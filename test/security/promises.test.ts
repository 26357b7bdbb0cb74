import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const exists = (path: string) => existsSync(new URL(`../../${path}`, import.meta.url));

/** The rows of a table whose last column names files, as SECURITY.md has them. */
const rows = read("SECURITY.md")
  .split("\n")
  .filter((line) => line.startsWith("| ") && line.includes("`test/"));

describe("SECURITY.md", () => {
  it("makes eight promises, and names the tests that hold each", () => {
    const numbers = rows.map((row) => /^\| (P\d) \|/.exec(row)?.[1]).filter(Boolean);
    assert.deepEqual(numbers, ["P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8"]);
  });

  for (const row of rows) {
    const [promise = "", held = ""] = row.split("|").slice(-3);
    const files = [...held.matchAll(/`([^`]+)`/g)].map(([, path]) => path ?? "");
    it(`names files that are there: ${promise.trim().slice(0, 60)}`, () => {
      assert(files.length > 0);
      for (const file of files) {
        assert(exists(file), file);
      }
    });
  }

  it("names scripts and pages that are there", () => {
    const text = read("SECURITY.md");
    const scripts = JSON.parse(read("package.json")).scripts;
    for (const [, script] of text.matchAll(/`npm run ([\w:]+)`/g))
      assert(script && script in scripts, script);
    for (const [, page] of text.matchAll(/\]\((docs\/[^)]+)\)/g)) assert(exists(page ?? ""), page);
  });
});
