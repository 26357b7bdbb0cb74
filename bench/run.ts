/**
 * Measures logins per second of this package and of its peers, side by side on one slapd with 10,000 people, and compares the
 * ratios with their targets. See README.md.
 *
 *     node bench/run.ts [quick]
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startBigDirectory } from "./big-directory.ts";
import { type Contestant, prepareStarters, type Starters } from "./contestants.ts";
import { measureGrowth } from "./growth.ts";
import { type Child, startChild } from "./processes.ts";
import { summarize } from "./statistics.ts";
import { FAR_TARGETS, judge, NEAR_TARGETS } from "./targets.ts";

const isQuick = process.argv.includes("quick");
const ROUNDS = isQuick ? 3 : 7;
const MILLISECONDS = isQuick ? 250 : 1_000;
/** Until what matters is compiled. */
const WARM_UP = isQuick ? 900 : 3_000;
/** One way, in milliseconds. */
const DELAY = 5;

const CACHED = { hasCache: true };
const NOT_CACHED = { hasCache: false };
const ON_ONE_CORE = { hasCache: false, isOnOneCore: true };

const folder = fileURLToPath(new URL(".", import.meta.url));
if (!existsSync(`${folder}node_modules`)) {
  execFileSync("npm", ["ci", "--no-audit", "--no-fund", "--prefix", folder], { stdio: "inherit" });
}

/** Measurements of each contestant, by its name: one for each round. */
export type Measurements = ReadonlyMap<string, readonly number[]>;

async function contest(title: string, contestants: readonly Contestant[]): Promise<Measurements> {
  const rounds = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  const cost = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  for (const contestant of contestants) await measure(contestant, WARM_UP);
  for (let round = 0; round < ROUNDS; round++) {
    for (const contestant of contestants) {
      const before = contestant.cpu();
      const { perSecond, requests } = await measure(contestant, MILLISECONDS);
      rounds.get(contestant.name)?.push(perSecond);
      cost.get(contestant.name)?.push(((contestant.cpu() - before) * 1_000) / requests);
    }
  }
  say(`\n## ${title}\n`);
  say("| | per second, median | min–max | CPU µs each | peak MB | connections |");
  say("| --- | ---: | ---: | ---: | ---: | ---: |");
  for (const contestant of contestants) {
    const { name } = contestant;
    const { median, least, most } = summarize(rounds.get(name) ?? []);
    const cpu = summarize(cost.get(name) ?? []).median;
    const cells = [
      name,
      median.toFixed(0),
      `${least.toFixed(0)}–${most.toFixed(0)}`,
      cpu.toFixed(0),
      contestant.memory().toFixed(0),
      contestant.connections(),
    ];
    say(`| ${cells.join(" | ")} |`);
  }
  return rounds;
}

async function measure(
  contestant: Contestant,
  milliseconds: number,
): Promise<{ readonly perSecond: number; readonly requests: number }> {
  const { perSecond, answers } = await contestant.measure(milliseconds);
  const others = Object.entries(answers).filter(
    ([status, count]) => status !== contestant.expected && count > 0,
  );
  if (others.length > 0) {
    throw new Error(`${contestant.name} answered ${JSON.stringify(answers)}`);
  }
  return { perSecond, requests: answers[contestant.expected] ?? 0 };
}

async function startAll(
  starting: readonly (() => Promise<Contestant | undefined>)[],
): Promise<readonly Contestant[]> {
  const started: Contestant[] = [];
  for (const start of starting) {
    const contestant = await start();
    if (contestant) started.push(contestant);
  }
  return started;
}

function near(start: Starters): Promise<readonly Contestant[]> {
  return startAll([
    () => start.bare("bare Express"),
    () => start.bareSession("bare Express, express-session"),
    () => start.ours("ours, session", { who: "nobody", hasSession: true }),
    () => start.ours("ours, Basic, cache hit", { who: "same" }),
    () => start.apache("Apache, cache hit", "same", CACHED),
    () => start.apache("Apache on one core, cache hit", "same", { ...CACHED, isOnOneCore: true }),
    ...uncached(start),
    () => start.apache("Apache, wrong passwords", "wrong", NOT_CACHED),
    () => start.apache("Apache on one core, wrong passwords", "wrong", ON_ONE_CORE),
    () => start.raw("raw ldapts, wrong passwords", true),
  ]);
}

function far(start: Starters): Promise<readonly Contestant[]> {
  return startAll(uncached(start));
}

/** Nothing is answered from memory. */
function uncached(start: Starters): readonly (() => Promise<Contestant | undefined>)[] {
  return [
    () => start.ours("ours, Basic, random users", { who: "random" }),
    // With the cache they would be hits.
    () =>
      start.ours("ours, Basic, known users", {
        who: "known",
        options: { cache: false },
        isKnown: true,
      }),
    () => start.ours("ours, Basic, wrong passwords", { who: "wrong" }),
    () => start.raw("raw ldapts, random users", false),
    () => start.apache("Apache, random users", "random", NOT_CACHED),
    () => start.apache("Apache on one core, random users", "random", ON_ONE_CORE),
    () => start.peer("passport-ldapauth, random users", "subjects/passport-ldapauth.js"),
    () => start.peer("ldap-authentication, random users", "subjects/ldap-authentication.js"),
  ];
}

async function closeAll(contestants: readonly Contestant[]): Promise<void> {
  await Promise.all(contestants.map((each) => each.close()));
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

// Each program that is started is ended with this one.
process.setMaxListeners(0);
const began = performance.now();
const directory = await startBigDirectory();
const generator: Child = await startChild("load.ts", null);

const nearContestants = await near(prepareStarters(generator, directory.port));
const atHand = await contest("Directory on the same machine", nearContestants);
await closeAll(nearContestants);

const proxy = await startChild("delay-proxy.ts", { port: directory.port, delay: DELAY });
const farContestants = await far(prepareStarters(generator, Number(proxy.ready)));
const away = await contest(`Directory ${DELAY} ms away, each way`, farContestants);
await closeAll(farContestants);
await proxy.close();

const growth = await measureGrowth(prepareStarters(generator, directory.port), isQuick);

say("\n## Targets\n");
say("| | ratio, median | min–max | target | |");
say("| --- | ---: | ---: | ---: | --- |");
for (const target of NEAR_TARGETS) say(judge(target, atHand));
for (const target of FAR_TARGETS) say(judge(target, away));
say("\n## Growth\n");
say("| | before | after | target | |");
say("| --- | ---: | ---: | ---: | --- |");
for (const line of growth) say(line);

await generator.close();
await directory.close();
say(`\nNode ${process.version}, ${((performance.now() - began) / 1_000).toFixed(0)} s.`);
process.exit(0);
