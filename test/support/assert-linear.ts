import assert from "node:assert/strict";

const TIMES = 10_000;

/**
 * Asserts that work on eight times the input takes about eight times as long, not sixty-four: generous, as machines
 * are busy. Each is measured as the best of several runs; what takes no time worth measuring is linear enough.
 */
export function assertLinear(work: (times: number) => void): void {
  work(100);
  const small = fastest(() => work(TIMES));
  const large = fastest(() => work(8 * TIMES));
  assert.ok(
    large < 100 || large < 24 * small,
    `${TIMES} took ${small.toFixed(1)} ms, ${8 * TIMES} took ${large.toFixed(1)} ms`,
  );
}

function fastest(run: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 3 && best > 1; i++) {
    const start = performance.now();
    run();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}
