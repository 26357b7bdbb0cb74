import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { realProgram } from "./real.ts";

/** A real redis-server that keeps nothing on disk, on a free port of 127.0.0.1. */
export interface Redis {
  readonly port: number;
  /** For a client: `redis://127.0.0.1:port`. */
  readonly url: string;
  /** Ends it as a power failure would: all it held is lost. */
  kill(): Promise<void>;
  /** Starts it again, empty, on the same port. */
  start(): Promise<void>;
  /** Makes it deaf and mute with its connections open (SIGSTOP). */
  freeze(): void;
  /** Ends that. */
  thaw(): void;
  /** Ends it. */
  close(): Promise<void>;
}

/** Give its `skip` to the tests that use `startRedis`. */
export const redisServer = realProgram("redis-server");

/** Starts a server of its own for a test; `close()` it after. */
export async function startRedis(): Promise<Redis> {
  if (redisServer.path === undefined) throw new Error(redisServer.skip);
  const program = redisServer.path;
  let port = await findFreePort();
  let child: ChildProcess | undefined;
  // Also where a test run ends before its close().
  const killChild = (): void => {
    child?.kill("SIGKILL");
  };
  process.on("exit", killChild);

  async function start(): Promise<void> {
    const settings = ["--port", String(port), "--bind", "127.0.0.1", "--save", ""];
    child = spawn(program, [...settings, "--appendonly", "no"], { stdio: "ignore" });
    await waitForAnswer(port, child);
  }

  async function kill(): Promise<void> {
    const ending = child;
    child = undefined;
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
    const exited = once(ending, "exit");
    ending.kill("SIGKILL");
    await exited;
  }

  // The port may have been taken since: then another is tried, once.
  await start().catch(async () => {
    await kill();
    port = await findFreePort();
    await start();
  });
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    kill,
    start,
    freeze() {
      child?.kill("SIGSTOP");
    },
    thaw() {
      child?.kill("SIGCONT");
    },
    async close() {
      process.off("exit", killChild);
      await kill();
    },
  };
}

/** A port that was free a moment ago. */
async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Waits, ten seconds at most, until it answers. */
async function waitForAnswer(port: number, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`redis-server ended with code ${child.exitCode}`);
    const socket = connect(port, "127.0.0.1");
    const isReady = await ping(socket).catch(() => false);
    socket.destroy();
    if (isReady) return;
    await wait(50);
  }
  throw new Error(`redis-server did not answer on ${port}`);
}

async function ping(socket: Socket): Promise<boolean> {
  await once(socket, "connect");
  socket.write("PING\r\n");
  const [answer] = await once(socket, "data");
  return String(answer).startsWith("+PONG");
}
