/** What several measurements of one thing say. */
export interface Summary {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function summarize(numbers: readonly number[]): Summary {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const median = ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
  return { median, least: sorted[0] ?? 0, most: sorted.at(-1) ?? 0 };
}

/** Each measurement through the other one of the same round: what disturbed the machine has disturbed both. */
export function ratios(numbers: readonly number[], others: readonly number[]): Summary {
  return summarize(numbers.map((number, round) => number / (others[round] ?? Number.NaN)));
}
