import { performance } from "node:perf_hooks";
import { setImmediate as breathe } from "node:timers/promises";
import { TooManyTries } from "../src/authentication/provider.ts";
import { startDeadline } from "../src/directory/deadline.ts";
import { createThrottle } from "../src/web/throttle.ts";

/** One wrong password for each of a million names, people and addresses: what that costs, and what memory it leaves. */
const tries = Number(process.argv[2] ?? 1_000_000);

const throttle = createThrottle({ failures: 5, window: 300_000 }, { log: () => {} });
const address = (i: number) => `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`;

async function wrong(name: string, from: string): Promise<boolean> {
  const attempt = throttle.begin(name, from);
  if ("retryAfter" in attempt) return false;
  const deadline = startDeadline(5_000);
  try {
    await attempt.admit(undefined, deadline);
    await attempt.admit(`person ${name}`, deadline);
    attempt.failed();
    return true;
  } catch (error) {
    attempt.abandoned();
    if (error instanceof TooManyTries) return false;
    throw error;
  }
}

async function heap(): Promise<number> {
  await breathe();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1e6;
}

if (!globalThis.gc) process.stderr.write("Run it with --expose-gc.\n");
for (let i = 0; i < 4; i++) await wrong("guessed before", `192.0.2.${i}`);
const before = await heap();
const began = performance.now();
for (let i = 0; i < tries; i++) await wrong(`name ${i}`, address(i));
const microseconds = ((performance.now() - began) * 1_000) / tries;
const grown = (await heap()) - before;
const isKept = (await wrong("guessed before", "192.0.2.9")) && !(await wrong("guessed before", ""));
process.stdout.write(
  `${tries} names: ${microseconds.toFixed(1)} µs per wrong password, ${grown.toFixed(1)} MB of heap; ` +
    `the name that was guessed at before is ${isKept ? "still" : "NOT"} counted\n`,
);
