import { parseArgs } from "node:util";
import type { Judgement } from "./judge.ts";
import { readRecordedCases } from "./recorded-case.ts";
import { replayAll } from "./replay-all.ts";
import type { Kind } from "./surroundings.ts";
import { formatTallies, identicalShare, tally } from "./tally.ts";

/*
 * Replays what a real httpd was recorded to do, and prints by topic how we compare. Ends with 1 where we are looser than httpd,
 * where a difference is not on the list in docs/coming-from-apache.md, or where less than 95 % of the rest is identical.
 *
 *   node test/conformance/run.ts [--on slapd|built-in] [--markdown] [--verbose] [TOPIC or CASE …]
 */

const USAGE =
  "Usage: node test/conformance/run.ts [--on slapd|built-in] [--markdown] [--verbose] [TOPIC or CASE …]\n";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    on: { type: "string", default: "slapd" },
    markdown: { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const kind: Kind | undefined = (["slapd", "built-in"] as const).find((each) => each === values.on);
if (values.help || kind === undefined) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else {
  process.exitCode = await run(kind);
}

async function run(on: Kind): Promise<number> {
  const cases = readRecordedCases().filter(
    ({ id, topic }) =>
      positionals.length === 0 || positionals.includes(id) || positionals.includes(topic),
  );
  const judgements = await replayAll(cases, on);
  const tallies = tally(judgements);
  process.stdout.write(formatTallies(tallies));
  const all = tallies.at(-1);
  if (all === undefined) return 1;
  const share = identicalShare(all);
  if (!values.markdown) {
    for (const each of judgements) print(each);
    const summary = `${cases.length} cases on ${on}: ${share.toFixed(2)} % of what is not listed is identical`;
    process.stdout.write(`\n${summary}\n`);
  }
  return all.looser === 0 && all.unexplained === 0 && share >= 95 ? 0 : 1;
}

/** Only what is wrong, or with `--verbose` everything. */
function print({ recorded, request, index, got, verdict }: Judgement): void {
  const isWrong = verdict.kind === "looser" || verdict.kind === "unexplained";
  if (!isWrong && !values.verbose) return;
  const where = index === undefined ? recorded.id : `${recorded.id} request ${index}`;
  const listed = verdict.kind === "listed" ? ` (${verdict.number})` : "";
  const because = verdict.kind === "identical" ? "" : `: ${verdict.because}`;
  process.stdout.write(`\n${verdict.kind}${listed} ${where} “${recorded.title}”${because}\n`);
  if (!values.verbose) return;
  process.stdout.write(`${[...recorded.server, recorded.config].join("\n")}\n`);
  if (request === undefined) return;
  const { expect, ...sent } = request;
  for (const [name, value] of Object.entries({ sent, expect, got })) {
    process.stdout.write(`${name.padEnd(6)} ${JSON.stringify(value)}\n`);
  }
}
