import assert from "node:assert/strict";

const TIMES = 10_000;
const ATTEMPTS = 4;

/**
 * Asserts that work on eight times the input takes about eight times as long, not sixty-four: generous, and in CPU time,
 * as machines are busy. Each is measured as the best of several runs, and all again before it fails; what takes no time
 * worth measuring is linear enough.
 */
export function assertLinear(work: (times: number) => void): void {
  work(100);
  const measured: string[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const small = fastest(() => work(TIMES));
    const large = fastest(() => work(8 * TIMES));
    if (large < 100 || large < 24 * small) return;
    measured.push(`${TIMES} took ${small.toFixed(1)} ms, ${8 * TIMES} took ${large.toFixed(1)} ms`);
  }
  assert.fail(measured.join("; "));
}

/** Milliseconds of CPU time. */
function fastest(run: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 3 && best > 1; i++) {
    const start = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1_000);
  }
  return best;
}
