/** How long refusals took, in milliseconds. */
export interface RefusalTimes {
  readonly median: number;
  readonly p95: number;
}

/**
 * Measures refusals of several kinds. They take turns in an order that changes, so that what disturbs the machine disturbs all of them, and the
 * first ones, for which code is compiled and connections are opened, do not count.
 */
export async function measureRefusals(
  kinds: Readonly<Record<string, (n: number) => Promise<unknown>>>,
  tries: number,
  warmUp = 50,
): Promise<Readonly<Record<string, RefusalTimes>>> {
  const names = Object.keys(kinds);
  const times = new Map<string, number[]>(names.map((name) => [name, []]));
  for (let n = -warmUp; n < tries; n++) {
    const first = (n + warmUp) % names.length;
    for (const name of [...names.slice(first), ...names.slice(0, first)]) {
      const began = performance.now();
      await kinds[name]?.(n);
      if (n >= 0) times.get(name)?.push(performance.now() - began);
    }
  }
  return Object.fromEntries(
    [...times].map(([name, all]) => {
      const sorted = all.toSorted((a, b) => a - b);
      const at = (part: number) => sorted[Math.floor(sorted.length * part)] ?? Number.NaN;
      return [name, { median: at(0.5), p95: at(0.95) }];
    }),
  );
}

/** So little, in milliseconds, that nobody at the other end of a network can tell it. */
const UNTELLABLE = 0.5;
/** By these factors, times of one and the same kind differ from one run to the next. */
const NOISE = { median: 1.45, p95: 1.5 };

/** What differs from the first kind by more than noise, in words; empty where nothing does. A 95th percentile needs some hundred tries. */
export function toldApart(
  measured: Readonly<Record<string, RefusalTimes>>,
  figures: readonly (keyof RefusalTimes)[] = ["median", "p95"],
): readonly string[] {
  const [[usual, times] = ["", undefined], ...others] = Object.entries(measured);
  if (times === undefined) return ["nothing was measured"];
  return others.flatMap(([kind, own]) =>
    figures.flatMap((which) => {
      const [less = 0, more = 0] = [times[which], own[which]].toSorted((a, b) => a - b);
      const isNoise = more - less < UNTELLABLE || more / less < NOISE[which];
      const told = `${which} of "${kind}" is ${own[which].toFixed(2)} ms, of "${usual}" ${times[which].toFixed(2)} ms`;
      return isNoise ? [] : [told];
    }),
  );
}
