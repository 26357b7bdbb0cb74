/** How long binds took lately, so that a decoy can take as long as a wrong password. */
export interface RefusalTimes {
  /** A person's password was refused after so many milliseconds. */
  refused(milliseconds: number): void;
  /** A decoy was answered after so many milliseconds. */
  decoyed(milliseconds: number): void;
  /** How many milliseconds a decoy still lacks: what the server spends on comparing a hash that nobody has. */
  missing(): number;
}

const MOST = 32;
/** A timer's grain: less than this can't be waited for, and would stand out. */
const LEAST_MISSING = 2;

export function rememberRefusalTimes(): RefusalTimes {
  const refusals = rememberLatest();
  const decoys = rememberLatest();
  return {
    refused: refusals.add,
    decoyed: decoys.add,
    missing() {
      const typical = refusals.median() - decoys.median();
      if (!(typical >= LEAST_MISSING)) return 0;
      // A drawn one, so that decoys spread as refusals do.
      return Math.max(0, refusals.draw() - decoys.median());
    },
  };
}

function rememberLatest() {
  const times: number[] = [];
  let next = 0;
  return {
    add(milliseconds: number): void {
      times[next] = milliseconds;
      next = (next + 1) % MOST;
    },
    median: (): number => times.toSorted((a, b) => a - b)[times.length >> 1] ?? Number.NaN,
    draw: (): number => times[Math.floor(Math.random() * times.length)] ?? 0,
  };
}
