/**
 * Measures how long refusals take, by reason, through the whole app on a real slapd, with a usual hash and with one that takes long: median
 * and 95th percentile in milliseconds, and as a ratio to a wrong password. Ends with status 1 where one can be told from a wrong password.
 *
 *     node bench/refusal-times.ts [tries]
 */

import { protectedApp } from "../test/support/protected-app.ts";
import { measureRefusals, toldApart } from "../test/support/refusal-times.ts";
import { EARLIER, REFUSED, RIGHT, startRefusingSlapd } from "../test/support/refusing-slapd.ts";

const tries = Number(process.argv[2] ?? 1_000);
const say = (line: string) => process.stdout.write(`${line}\n`);

for (const cost of ["usual", "slow"] as const) {
  const slapd = await startRefusingSlapd(cost);
  const site = await protectedApp({ url: `${slapd.url}/dc=domain,dc=org?uid?sub` });
  const attempt = async (username: string, password: string) => {
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
    const answer = await fetch(site.url, { headers: { authorization } });
    await answer.arrayBuffer();
    if (answer.status !== 401) throw new Error(`${username} was answered ${answer.status}`);
  };
  // A process that has not checked any password yet does not know how long that takes.
  for (const name of EARLIER) await attempt(name, "wrong");
  await site.ldap.authenticate({ username: "known", password: RIGHT[cost] });
  const count = cost === "usual" ? tries : Math.ceil(tries / 10);
  for (const [how, password] of [
    ["another wrong password each time", (n: number) => `wrong${n}`],
    ["the same wrong password again and again", () => "wrong"],
  ] as const) {
    const kinds = Object.entries(REFUSED).map(
      ([reason, username]) => [reason, (n: number) => attempt(username, password(n))] as const,
    );
    const measured = await measureRefusals(Object.fromEntries(kinds), count);
    say(`${count} tries each, ${cost} hash, ${how}:     median    p95  ratios`);
    const usual = measured["wrong password"] ?? { median: Number.NaN, p95: Number.NaN };
    for (const [reason, { median, p95 }] of Object.entries(measured)) {
      const figures = [median, p95, median / usual.median, p95 / usual.p95];
      const columns = figures.map((number) => number.toFixed(2).padStart(7));
      say(`  ${reason.padEnd(44)} ${columns.join(" ")}`);
    }
    for (const difference of toldApart(measured, count < 100 ? ["median"] : ["median", "p95"])) {
      say(`TOLD APART: ${difference}`);
      process.exitCode = 1;
    }
  }
  await site.close();
  await slapd.close();
}
