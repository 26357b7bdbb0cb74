import type { Judgement } from "./judge.ts";

/** What became of the pairs (a request, or a start) of one topic, or of all. */
export interface Tally {
  readonly topic: string;
  readonly pairs: number;
  readonly identical: number;
  /** Pairs by number of the list of differences. */
  readonly listed: ReadonlyMap<number, number>;
  /** Those of `listed` where we refused the configuration at start. */
  readonly refused: number;
  readonly looser: number;
  readonly unexplained: number;
}

/** Counts by topic, and over all at the end. */
export function tally(judgements: readonly Judgement[]): readonly Tally[] {
  const topics = [...new Set(judgements.map(({ recorded }) => recorded.topic))];
  const byTopic = topics.map((topic) =>
    count(
      topic,
      judgements.filter(({ recorded }) => recorded.topic === topic),
    ),
  );
  return [...byTopic, count("all", judgements)];
}

function count(topic: string, judgements: readonly Judgement[]): Tally {
  const listed = new Map<number, number>();
  let refused = 0;
  const of = (kind: Judgement["verdict"]["kind"]): number =>
    judgements.filter(({ verdict }) => verdict.kind === kind).length;
  for (const { verdict } of judgements) {
    if (verdict.kind !== "listed") continue;
    listed.set(verdict.number, (listed.get(verdict.number) ?? 0) + 1);
    if (verdict.isRefusedAtStart) refused += 1;
  }
  return {
    topic,
    pairs: judgements.length,
    identical: of("identical"),
    listed: new Map([...listed].toSorted(([a], [b]) => a - b)),
    refused,
    looser: of("looser"),
    unexplained: of("unexplained"),
  };
}

/** Per cent of the pairs that are not on the list of differences. */
export function identicalShare({ pairs, identical, listed }: Tally): number {
  const onList = [...listed.values()].reduce((sum, each) => sum + each, 0);
  return pairs === onList ? 100 : (100 * identical) / (pairs - onList);
}

const HEAD = [
  "topic",
  "pairs",
  "identical",
  "listed (number × pairs)",
  "of these at start",
  "looser",
  "unexplained",
];

/** The tallies as a Markdown table, aligned for reading as it is. */
export function formatTallies(tallies: readonly Tally[]): string {
  const rows = tallies.map((each) => [
    each.topic,
    String(each.pairs),
    String(each.identical),
    [...each.listed].map(([number, pairs]) => `${number} × ${pairs}`).join(", "),
    String(each.refused),
    String(each.looser),
    String(each.unexplained),
  ]);
  const widths = HEAD.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const rule = widths.map((width) => "-".repeat(width));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |\n`;
  return [HEAD, rule, ...rows].map(line).join("");
}
