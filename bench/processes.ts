import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { fileURLToPath } from "node:url";

/** A program of the benchmark in a process of its own, which answers questions. */
export interface Child {
  readonly pid: number;
  /** What it said when it was ready. */
  readonly ready: unknown;
  ask(question: string, details?: unknown): Promise<unknown>;
  close(): Promise<void>;
}

/** Starts a file of this folder. `settings` go to it as JSON. */
export async function startChild(file: string, settings: unknown): Promise<Child> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = fork(path, [JSON.stringify(settings)], {
    execArgv: ["--expose-gc", "--max-semi-space-size=16"],
    env: { NODE_ENV: "production" },
  });
  const kill = (): void => void child.kill("SIGKILL");
  process.on("exit", kill);
  const ready = await answerOf(child, file);
  return {
    pid: child.pid ?? 0,
    ready,
    async ask(question, details) {
      const answer = answerOf(child, file);
      child.send({ question, details });
      return await answer;
    },
    async close() {
      process.off("exit", kill);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
}

async function answerOf(child: ChildProcess, file: string): Promise<unknown> {
  const ended = new AbortController();
  const onExit = (): void => ended.abort(new Error(`${file} has ended`));
  child.once("exit", onExit);
  try {
    const [message] = await once(child, "message", { signal: ended.signal });
    return message;
  } finally {
    child.off("exit", onExit);
  }
}

/** What a child was started with. */
export function settingsOf<Settings>(): Settings {
  return JSON.parse(process.argv[2] ?? "null") as Settings;
}

type Handlers = Readonly<Record<string, (details: unknown) => unknown>>;

/** The child's side: says that it is ready, then answers one question after the other. */
export function answerQuestions(ready: unknown, handlers: Handlers = {}): void {
  const all: Handlers = { heap: heapUsed, startProfile, stopProfile, ...handlers };
  process.on("message", async ({ question, details }: { question: string; details: unknown }) => {
    process.send?.((await all[question]?.(details)) ?? null);
  });
  process.send?.(ready);
}

let inspector: Session | undefined;

async function startProfile(): Promise<void> {
  inspector = new Session();
  inspector.connect();
  await inspector.post("Profiler.enable");
  await inspector.post("Profiler.setSamplingInterval", { interval: 200 });
  await inspector.post("Profiler.start");
}

/** Microseconds that each function has taken itself, by its name and file. */
async function stopProfile(): Promise<Readonly<Record<string, number>>> {
  const { profile } = (await inspector?.post("Profiler.stop")) ?? {};
  inspector?.disconnect();
  const names = new Map(
    profile?.nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => {
      const place =
        url === "" ? "" : ` ${url.replace(/^.*\/(?=(src|node_modules)\/)/, "")}:${lineNumber + 1}`;
      return [id, `${functionName || "(nameless)"}${place}`];
    }),
  );
  const times: Record<string, number> = {};
  for (const [index, node] of (profile?.samples ?? []).entries()) {
    const name = names.get(node) ?? "";
    times[name] = (times[name] ?? 0) + (profile?.timeDeltas?.[index] ?? 0);
  }
  return times;
}

/** In bytes, with nothing in it that is not needed any more. */
async function heapUsed(): Promise<number> {
  // What a collection sets free only by finalizers is gone after the next one.
  for (let round = 0; round < 5; round++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return process.memoryUsage().heapUsed;
}

/** The most memory that a process and its children have had, in MB; NaN where there is no /proc. */
export function peakMemory(pid: number): number {
  try {
    const kilobytes = familyOf(pid).map((each) => {
      const status = readFileSync(`/proc/${each}/status`, "utf8");
      return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0);
    });
    return kilobytes.reduce((sum, each) => sum + each, 0) / 1024;
  } catch {
    return Number.NaN;
  }
}

/** The CPU time that a process and its children have used, in milliseconds; NaN where there is no /proc. */
export function cpuTime(pid: number): number {
  try {
    const ticks = familyOf(pid).map((each) => {
      const stat = readFileSync(`/proc/${each}/stat`, "utf8");
      const [, user = "0", system = "0"] = /\) \S (?:\S+ ){10}(\d+) (\d+)/.exec(stat) ?? [];
      return Number(user) + Number(system);
    });
    return ticks.reduce((sum, each) => sum + each, 0) * 10;
  } catch {
    return Number.NaN;
  }
}

/** How many TCP connections to a port of this machine a process and its children hold; NaN where there is no /proc. */
export function connectionsTo(port: number, pid: number): number {
  try {
    const sockets = new Set(familyOf(pid).flatMap(socketsOf));
    const remote = new RegExp(
      `^\\s*\\d+: \\S+ \\S+:${port.toString(16).toUpperCase().padStart(4, "0")} 0[1-9A-B] `,
    );
    const lines = ["tcp", "tcp6"].flatMap((table) =>
      readFileSync(`/proc/net/${table}`, "utf8").split("\n"),
    );
    return lines.filter(
      (line) => remote.test(line) && sockets.has(line.trim().split(/\s+/)[9] ?? ""),
    ).length;
  } catch {
    return Number.NaN;
  }
}

function socketsOf(pid: number): readonly string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
    } catch {
      // Closed since.
      return [];
    }
  });
}

function familyOf(pid: number): readonly number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  const numbers = children === "" ? [] : children.split(" ").map(Number);
  return [pid, ...numbers.flatMap(familyOf)];
}
