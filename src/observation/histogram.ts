/** How long things took. */
export interface Histogram {
  /** How many took no longer than `le` seconds, those of the smaller buckets among them. */
  readonly buckets: readonly { readonly le: number; readonly count: number }[];
  /** All, also those beyond the last bucket. */
  readonly count: number;
  /** All together, in seconds. */
  readonly sum: number;
}

/** The upper bounds of the buckets, in seconds. */
const BOUNDS: readonly number[] = [
  ...[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
];

/** A histogram that is being counted. */
export interface Stopwatch {
  add(milliseconds: number): void;
  read(): Histogram;
}

/** Counts into buckets; adding allocates nothing. */
export function createStopwatch(): Stopwatch {
  const counts = new Float64Array(BOUNDS.length + 1);
  let total = 0;
  return {
    add(milliseconds) {
      total += milliseconds;
      let bucket = 0;
      while (bucket < BOUNDS.length && milliseconds > (BOUNDS[bucket] ?? 0) * 1_000) bucket++;
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    },
    read() {
      let count = 0;
      const buckets = BOUNDS.map((le, n) => {
        count += counts[n] ?? 0;
        return { le, count };
      });
      return { buckets, count: count + (counts[BOUNDS.length] ?? 0), sum: total / 1_000 };
    },
  };
}
