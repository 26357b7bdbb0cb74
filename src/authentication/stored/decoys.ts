/** Stored passwords that stand in for those of people who have none, so that a refusal takes as long. */
export interface Decoys {
  /** These values of a person were checked within so many milliseconds. */
  add(identity: string, values: readonly string[], milliseconds: number): void;
  /** Values that cost as much to check as the usual ones; `[]` where none has been checked yet. */
  draw(): readonly string[];
}

/** People whose values are remembered, the latest ones. */
const MOST = 64;

/**
 * Each person counts once, so that nobody can make a cheap value of their own look like the usual one by trying often; and of different costs the higher ones
 * are the usual ones.
 */
export function rememberDecoys(): Decoys {
  const known = new Map<string, { readonly values: readonly string[]; readonly time: number }>();
  return {
    add(identity, values, milliseconds) {
      known.delete(identity);
      known.set(identity, { values, time: milliseconds });
      if (known.size > MOST) known.delete(known.keys().next().value ?? "");
    },
    draw() {
      const sorted = [...known.values()].sort((a, b) => a.time - b.time);
      const high = sorted[Math.floor(sorted.length * 0.75)]?.time ?? 0;
      const usual = sorted.filter(({ time }) => time >= high / 2);
      return usual[Math.floor(Math.random() * usual.length)]?.values ?? [];
    },
  };
}
