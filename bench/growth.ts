import type { Contestant, Starters } from "./contestants.ts";

const MEGABYTE = 1024 * 1024;
/** What the heap may differ by, in MB. */
const LEEWAY = 5;

/** Rows of a table: what many logins leave behind. */
export async function measureGrowth(start: Starters, isQuick: boolean): Promise<readonly string[]> {
  const many = isQuick ? 20_000 : 500_000;
  const some = isQuick ? 10_000 : 50_000;
  const hit = await start.ours("cache hits", { who: "same" });
  const session = await start.ours("requests with a session", { who: "nobody", hasSession: true });
  const random = await start.ours("logins of random users", { who: "random" });
  const wrong = await start.ours("wrong passwords", { who: "wrong" });
  const rows = [
    await heapRow(hit, many, isQuick),
    await heapRow(session, many, isQuick),
    await heapRow(random, some, isQuick),
    await heapRow(wrong, 10_000, isQuick),
    await connectionsRow(wrong, 10_000),
  ];
  for (const each of [hit, session, random, wrong]) await each.close();
  return rows;
}

async function heapRow(contestant: Contestant, logins: number, isQuick: boolean): Promise<string> {
  // What is compiled, and what caches may hold, is there after this.
  await repeat(contestant, isQuick ? 10_000 : 30_000);
  const before = ((await contestant.heap?.()) ?? Number.NaN) / MEGABYTE;
  await repeat(contestant, logins);
  const after = ((await contestant.heap?.()) ?? Number.NaN) / MEGABYTE;
  const verdict = after - before <= LEEWAY ? "PASS" : "MISS";
  const what = `heap in MB, ${logins.toLocaleString("en")} ${contestant.name}`;
  return `| ${what} | ${before.toFixed(1)} | ${after.toFixed(1)} | + ${LEEWAY} at most | ${verdict} |`;
}

async function connectionsRow(contestant: Contestant, logins: number): Promise<string> {
  const before = contestant.connections();
  await repeat(contestant, logins);
  const after = contestant.connections();
  const verdict = after <= before ? "PASS" : "MISS";
  const what = `connections, ${logins.toLocaleString("en")} ${contestant.name}`;
  return `| ${what} | ${before} | ${after} | no more | ${verdict} |`;
}

async function repeat(contestant: Contestant, logins: number): Promise<void> {
  const answered = await contestant.repeat?.(logins);
  const count = answered?.answers[contestant.expected] ?? 0;
  if (count !== logins) throw new Error(`${contestant.name}: ${JSON.stringify(answered?.answers)}`);
}
