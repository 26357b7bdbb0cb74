/**
 * Prints how long refusals take, by reason, on the built-in directory: median and 95th percentile in milliseconds, and as a ratio
 * to a wrong password. The reasons take turns, so that what disturbs the machine disturbs all of them.
 *
 *     node bench/refusal-times.ts [tries]
 */
import { authnzLdap } from "../src/index.ts";
import { startFixtureDirectory } from "../test/support/fixture-directory.ts";

const tries = Number(process.argv[2] ?? 1_000);
const directory = await startFixtureDirectory();
const ldap = authnzLdap({ url: `${directory.url}/dc=domain,dc=org?uid?sub` });

const reasons = new Map([
  ["wrong password", "alice"],
  ["unknown user", "nobody"],
  ["ambiguous user", "twin"],
  ["user without password", "nopw"],
]);
const times = new Map<string, number[]>([...reasons.keys()].map((reason) => [reason, []]));
for (let n = -50; n < tries; n++) {
  for (const [reason, username] of reasons) {
    const start = performance.now();
    await ldap.authenticate({ username, password: "wrong" });
    if (n >= 0) times.get(reason)?.push(performance.now() - start);
  }
}
await ldap.close();
await directory.close();

const percentile = (reason: string, part: number) => {
  const sorted = (times.get(reason) ?? []).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * part)] ?? Number.NaN;
};
for (const reason of reasons.keys()) {
  const [p50, p95] = [percentile(reason, 0.5), percentile(reason, 0.95)];
  const ratios = [
    p50 / percentile("wrong password", 0.5),
    p95 / percentile("wrong password", 0.95),
  ];
  const line = [
    reason.padEnd(22),
    ...[p50, p95, ...ratios].map((number) => number.toFixed(2).padStart(7)),
  ];
  process.stdout.write(`${line.join(" ")}\n`);
}
