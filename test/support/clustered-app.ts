import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../example-app/main.ts", import.meta.url));

/** One answer. */
export interface Reply {
  readonly status: number;
  readonly location: string | undefined;
  readonly retryAfter: string | undefined;
  /** What the answer sets, to be sent back; undefined if nothing. */
  readonly cookie: string | undefined;
  readonly text: string;
}

/** A request. With a `form` it is a POST from a page of the same site, else a GET. */
export interface Sending {
  readonly cookie?: string | undefined;
  readonly form?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The example app as two processes behind one port. */
export interface ClusteredApp {
  readonly process: ChildProcess;
  readonly url: string;
  /** What it has written to standard error so far. */
  readonly errors: string;
  /** Sends a request to one of the processes; the one at the same port that it is not sent to does not see it. */
  send(worker: number, path: string, sending?: Sending): Promise<Reply>;
  /** The processes that answer at the moment. */
  workers(): Promise<readonly number[]>;
  close(): Promise<void>;
}

/** Starts `npm start` with two workers, on a free port. */
export async function startClusteredApp(
  env: Readonly<Record<string, string>>,
): Promise<ClusteredApp> {
  const child = spawn(process.execPath, [MAIN], {
    env: { PORT: "0", WORKERS: "2", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  // Also where a test run ends before its close().
  const killChild = () => child.kill("SIGKILL");
  process.on("exit", killChild);
  let errors = "";
  child.stderr.on("data", (part) => {
    errors += part;
  });
  const url = await addressOf(child);

  /** A connection stays with the process that accepted it, so one is looked for that the right process has. */
  async function send(worker: number, path: string, sending: Sending = {}): Promise<Reply> {
    for (let attempt = 0; attempt < 100; attempt++) {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      try {
        if ((await servedBy(agent, url)) !== worker) continue;
        const { servedBy: same, ...reply } = await exchange(agent, url + path, sending, 15_000);
        assert.equal(same, worker);
        return reply;
      } finally {
        agent.destroy();
      }
    }
    throw new Error(`worker ${worker} does not answer`);
  }

  return {
    process: child,
    url,
    get errors() {
      return errors;
    },
    send,
    async workers() {
      const seen = new Set<number>();
      for (let attempt = 0; attempt < 10; attempt++) {
        const agent = new Agent({ maxSockets: 1 });
        const worker = await servedBy(agent, url);
        if (worker !== undefined) seen.add(worker);
        agent.destroy();
      }
      return [...seen].sort((a, b) => a - b);
    },
    async close() {
      process.off("exit", killChild);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      const timer = setTimeout(killChild, 15_000);
      await exited;
      clearTimeout(timer);
    },
  };
}

/** Reads what it prints until it is ready. */
async function addressOf(child: ChildProcess): Promise<string> {
  let printed = "";
  for await (const part of child.stdout ?? []) {
    printed += part;
    const url = /http:\S+(?=\/\n)/.exec(printed)?.[0];
    if (url !== undefined && printed.includes("Ctrl-C")) return url;
  }
  throw new Error(`it ended: ${printed}`);
}

/** Undefined where nobody answers soon: node:cluster may hand a connection to a process that has just died, and forget it. */
async function servedBy(agent: Agent, url: string): Promise<number | undefined> {
  try {
    return (await exchange(agent, `${url}/healthz`, {}, 1_000)).servedBy;
  } catch {
    return undefined;
  }
}

async function exchange(
  agent: Agent,
  url: string,
  { cookie, form, headers }: Sending,
  timeout: number,
): Promise<Reply & { readonly servedBy: number | undefined }> {
  const outgoing = request(url, {
    agent,
    signal: AbortSignal.timeout(timeout),
    method: form ? "POST" : "GET",
    headers: {
      accept: "text/html",
      ...(cookie && { cookie }),
      ...(form && { "content-type": "application/x-www-form-urlencoded" }),
      ...(form && { "sec-fetch-site": "same-origin" }),
      ...headers,
    },
  });
  outgoing.end(form && new URLSearchParams(form).toString());
  const [incoming] = await once(outgoing, "response");
  const body = await text(incoming);
  const { location, "set-cookie": cookies, "retry-after": retryAfter } = incoming.headers;
  const served = /^worker (\d+)$/.exec(incoming.headers["x-served-by"] ?? "")?.[1];
  return {
    status: incoming.statusCode,
    location,
    retryAfter,
    cookie: cookies?.[0]?.split(";")[0],
    text: body,
    servedBy: served === undefined ? undefined : Number(served),
  };
}
