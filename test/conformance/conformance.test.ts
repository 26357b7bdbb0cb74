import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { slapd } from "../support/slapd.ts";
import type { Judgement } from "./judge.ts";
import { readRecordedCases } from "./recorded-case.ts";
import { replayAll } from "./replay-all.ts";
import { formatTallies, identicalShare, tally } from "./tally.ts";

/** What only OpenLDAP does: `~=` compares sounds, the built-in directory compares as `=` does. */
const OPENLDAP_ONLY: readonly string[] = ["url-filter-18"];

const cases = readRecordedCases();

/** Those of a kind, as lines to read in a failure. */
function linesOf(judgements: readonly Judgement[], kind: "looser" | "unexplained"): string[] {
  return judgements.flatMap(({ recorded, index, verdict }) =>
    verdict.kind === kind ? [`${recorded.id} ${index ?? "start"}: ${verdict.because}`] : [],
  );
}

function assertConforms(judgements: readonly Judgement[]): void {
  assert.deepEqual(linesOf(judgements, "looser"), []);
  assert.deepEqual(linesOf(judgements, "unexplained"), []);
  const all = tally(judgements).at(-1);
  assert.ok(all && identicalShare(all) >= 95);
}

test("an Apache configuration means on the built-in directory what it means to httpd", async () => {
  const suitable = cases.filter(({ id }) => !OPENLDAP_ONLY.includes(id));
  const judgements = await replayAll(suitable, "built-in");
  assert.ok(new Set(judgements.map(({ recorded }) => recorded)).size > 500);
  assertConforms(judgements);
});

test("an Apache configuration means on OpenLDAP what it means to httpd", {
  skip: slapd.skip,
}, async (t) => {
  const judgements = await replayAll(cases, "slapd");
  assertConforms(judgements);
  await t.test("and the documentation has the figures", () => {
    const page = readFileSync(new URL("../../docs/coming-from-apache.md", import.meta.url), "utf8");
    const [, printed = ""] =
      /<!-- conformance -->\n([\s\S]*?)<!-- \/conformance -->/.exec(page) ?? [];
    assert.equal(printed.trim(), formatTallies(tally(judgements)).trim());
  });
});
