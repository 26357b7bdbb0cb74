/**
 * Has visitors sign in without a pause while the directory, a real slapd, is killed, restarted and stopped in its tracks every few
 * seconds. Prints what they were answered, and ends with status 1 where one answer was wrong, a connection was left behind, the memory
 * grew, or the app failed in any other way: a right password is 200 or 503, a wrong one 401 or 503, a session 200 or 503.
 *
 *     node bench/soak.ts [seconds] [seconds between two troubles]
 */
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { SERVICE } from "../test/support/faulty-site.ts";
import { protectedApp } from "../test/support/protected-app.ts";
import { startSlapd } from "../test/support/slapd.ts";

const CLIENTS = 32;
const SESSIONS = 8;
const TIMEOUT = 1_000;
/** Two that search, and the one that listens to changes. Those that check passwords are closed when they are idle. */
const MOST_LEFT = 3;
/** What garbage collection, and code that is compiled late, may leave: in bytes. */
const MOST_GROWTH = 20 * 1024 * 1024;

const seconds = Number(process.argv[2] ?? 300);
const pause = Number(process.argv[3] ?? 10) * 1_000;
setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const violations: string[] = [];
process.on("unhandledRejection", (reason) => violations.push(`unhandled rejection: ${reason}`));
process.on("uncaughtException", (error) => violations.push(`uncaught exception: ${error}`));

const slapd = await startSlapd({ modules: ["syncprov"], database: "overlay syncprov" });
const site = await protectedApp({
  url: `ldap://127.0.0.1:${slapd.port}/dc=domain,dc=org?uid,mail?sub`,
  ...SERVICE,
  tls: { ca: slapd.ca },
  timeout: TIMEOUT,
  session: { revalidateAfter: 200 },
  connections: { idleTimeout: 1_000 },
  // Shorter than the pauses between troubles: both who is remembered and who is not meet each of them.
  cache: { ttl: 500, wrongPasswordTtl: 500 },
});

/** How often each kind of request was answered with each status. */
const counts = new Map<string, Map<number, number>>();
let slowest = 0;

async function ask(kind: string, allowed: readonly number[], request: () => Promise<Response>) {
  const began = performance.now();
  try {
    const response = await request();
    await response.arrayBuffer();
    const { status } = response;
    const ofKind = counts.get(kind) ?? new Map<number, number>();
    counts.set(kind, ofKind.set(status, (ofKind.get(status) ?? 0) + 1));
    if (!allowed.includes(status)) violations.push(`${kind} was answered ${status}`);
    return response;
  } catch (error) {
    violations.push(`${kind} was not answered: ${error}`);
    return undefined;
  } finally {
    slowest = Math.max(slowest, performance.now() - began);
  }
}

function withPassword(username: string, password: string): Promise<Response> {
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  return fetch(site.url, { headers: { authorization, accept: "application/json" } });
}

function signIn(username: string): Promise<Response> {
  const body = JSON.stringify({ username, password: `${username}-pw` });
  return fetch(`${site.url}/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
}

let isOver = false;

async function visitor(number: number): Promise<void> {
  const username = ["alice", "bob", "carol", "web1", "web2", "web3"][number % 6] ?? "alice";
  for (let round = 0; !isOver; round++) {
    if (round % 3 === 0) await ask("wrong", [401, 503], () => withPassword(username, `${round}`));
    else await ask("right", [200, 503], () => withPassword(username, `${username}-pw`));
    await wait(Math.random() * 20);
  }
}

/** Signs in once, and from then on is either served or told to come again; the session is never lost. */
async function sessionVisitor(number: number): Promise<void> {
  const username = number % 2 === 0 ? "dave" : "erin";
  let cookie: string | undefined;
  while (!isOver) {
    if (cookie === undefined) {
      const answer = await ask("form", [200, 503], () => signIn(username));
      cookie = answer?.headers.getSetCookie()[0]?.split(";")[0];
    } else {
      const headers = { cookie, accept: "application/json" };
      await ask("session", [200, 503], () => fetch(site.url, { headers }));
    }
    await wait(Math.random() * 40);
  }
}

const TROUBLES = [
  async () => {
    await slapd.kill();
    await wait(pause / 10);
    await slapd.start();
  },
  async () => {
    await slapd.stop();
    await slapd.start();
  },
  async () => {
    slapd.signal("SIGSTOP");
    await wait(pause / 5);
    slapd.signal("SIGCONT");
  },
];

let troubles = 0;
async function makeTrouble(): Promise<void> {
  const stop = AbortSignal.timeout(seconds * 1_000);
  while (!stop.aborted) {
    await wait(pause, undefined, { signal: stop }).catch(() => {});
    if (stop.aborted) break;
    await TROUBLES[troubles % TROUBLES.length]?.();
    troubles += 1;
  }
}

/** Of this process to slapd, whatever their state but closed; Linux only. */
function connectionsToSlapd(): number {
  const port = slapd.port.toString(16).toUpperCase().padStart(4, "0");
  try {
    const lines = readFileSync("/proc/net/tcp", "utf8").split("\n");
    return lines.filter((line) => line.match(/^\s*\d+: \S+ \S+:(\S+) (0[1248])/)?.[1] === port)
      .length;
  } catch {
    return 0;
  }
}

function heapUsed(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

const visitors = [
  ...Array.from({ length: CLIENTS - SESSIONS }, (_, number) => visitor(number)),
  ...Array.from({ length: SESSIONS }, (_, number) => sessionVisitor(number)),
];
await wait(Math.min(5_000, seconds * 200));
const heapBefore = heapUsed();
await makeTrouble();
isOver = true;
await Promise.all(visitors);
// What is idle is closed, and so is what a stopped server had left open.
let left = connectionsToSlapd();
for (const end = performance.now() + 10_000; left > MOST_LEFT && performance.now() < end; ) {
  await wait(100);
  left = connectionsToSlapd();
}
const growth = heapUsed() - heapBefore;
const { connections, state } = site.ldap.health();
const known = connections.search + connections.bind;
await site.close();
await wait(1_500);
const leaked = connectionsToSlapd();
await slapd.close();

if (left > MOST_LEFT) violations.push(`${left} connections were left after everybody had gone`);
if (leaked > 0) violations.push(`${leaked} connections were left after close()`);
if (growth > MOST_GROWTH) violations.push(`the heap grew by ${growth} bytes`);
if (slowest > TIMEOUT + 3_000) violations.push(`an answer took ${slowest} ms`);
for (const [kind, status] of [
  ["right", 200],
  ["wrong", 401],
  ["session", 200],
  ["right", 503],
] as const) {
  if ((counts.get(kind)?.get(status) ?? 0) === 0)
    violations.push(`no ${kind} was answered ${status}`);
}

const say = (line: string) => process.stdout.write(`${line}\n`);
say(`${seconds} s, ${CLIENTS} clients, ${troubles} troubles at slapd`);
for (const [kind, ofKind] of [...counts].sort()) {
  const told = [...ofKind].sort().map(([status, count]) => `${count} × ${status}`);
  say(`${kind.padEnd(8)} ${told.join(", ")}`);
}
say(`slowest answer ${Math.round(slowest)} ms; heap ${(growth / 1024 / 1024).toFixed(1)} MB more`);
say(`connections at the end: ${known} known (${state}), ${left} open, ${leaked} after close()`);
for (const violation of new Set(violations)) say(`VIOLATION: ${violation}`);
say(
  violations.length === 0
    ? "no wrong answer, no crash, no leak"
    : `${violations.length} violations`,
);
process.exitCode = violations.length === 0 ? 0 : 1;
