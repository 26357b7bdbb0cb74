/**
 * Prints where this package's time goes: for each way to be asked the functions that take most of the CPU themselves, in
 * microseconds per request.
 *
 *     node bench/profile.ts [bare|bare-session|session|hit|random|known|wrong]…
 */
import { startBigDirectory } from "./big-directory.ts";
import { type Contestant, prepareStarters } from "./contestants.ts";
import { startChild } from "./processes.ts";

const MILLISECONDS = 3_000;
const MOST = 45;

const directory = await startBigDirectory();
const generator = await startChild("load.ts", null);
const start = prepareStarters(generator, directory.port);
const ways: Readonly<Record<string, () => Promise<Contestant>>> = {
  bare: () => start.bare("bare"),
  "bare-session": () => start.bareSession("bare, session"),
  session: () => start.ours("session", { who: "nobody", hasSession: true }),
  hit: () => start.ours("hit", { who: "same" }),
  random: () => start.ours("random", { who: "random" }),
  known: () => start.ours("known", { who: "known", options: { cache: false }, isKnown: true }),
  wrong: () => start.ours("wrong", { who: "wrong" }),
};

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(ways);
for (const name of wanted) {
  const contestant = await ways[name]?.();
  if (contestant?.profile === undefined) throw new Error(`There is no ${name}.`);
  await contestant.measure(MILLISECONDS);
  const plain = await cost(contestant);
  const { result, times } = await contestant.profile(MILLISECONDS);
  const requests = result.answers[contestant.expected] ?? 0;
  const rows = Object.entries(times).toSorted(([, a], [, b]) => b - a);
  say(`\n## ${name}: ${plain.toFixed(1)} µs of CPU per request; while profiled:\n`);
  for (const [where, time] of rows.slice(0, MOST)) {
    say(`${(time / requests).toFixed(2).padStart(7)}  ${where}`);
  }
  await contestant.close();
}
await generator.close();
await directory.close();
process.exit(0);

async function cost(contestant: Contestant): Promise<number> {
  const before = contestant.cpu();
  const { answers } = await contestant.measure(MILLISECONDS);
  return ((contestant.cpu() - before) * 1_000) / (answers[contestant.expected] ?? 0);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
