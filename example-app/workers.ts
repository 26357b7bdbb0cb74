import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import { startBuiltInDirectory } from "./built-in-directory.ts";
import type { Environment } from "./environment.ts";
import type { Serving } from "./serve.ts";
import { STOP } from "./shutdown.ts";

/** How long to wait before another process takes the place of one that ended, in milliseconds. */
const PAUSE = 1_000;

/**
 * Starts several processes behind one port. This one only looks after them: it holds the built-in directory, if there is no other, and starts
 * another process where one ends. Rejects if one can't start.
 */
export async function startWorkers(environment: Environment): Promise<Serving> {
  const { workers, ldapUrl, mechanism, sessionSecret } = environment;
  const builtIn = ldapUrl ? undefined : await startBuiltInDirectory(mechanism);
  const url = ldapUrl ?? builtIn?.url ?? "";
  // What each of them would else make up for itself.
  const same = {
    ...{ LDAP_URL: url, SESSION_SECRET: sessionSecret },
    ...(builtIn && { LDAP_CA: builtIn.ca, LDAP_PASSWORD_CHANGE: "1" }),
    ...(builtIn && { MAIL_LDAP_SERVER: builtIn.directory.url }),
  };
  let isStopping = false;

  function start(): Worker {
    const worker = cluster.fork(same);
    worker.once("exit", () => {
      if (isStopping) {
        if (Object.keys(cluster.workers ?? {}).length === 0) void builtIn?.directory.close();
        return;
      }
      process.stderr.write(`Worker ${worker.id} has ended; another one takes its place.\n`);
      setTimeout(() => isStopping || start(), PAUSE);
    });
    return worker;
  }

  function stop(): void {
    isStopping = true;
    process.off("SIGTERM", stop).off("SIGINT", stop);
    const running = Object.values(cluster.workers ?? {});
    for (const worker of running) if (worker?.isConnected()) worker.send(STOP);
    if (running.length === 0) void builtIn?.directory.close();
  }
  process.on("SIGTERM", stop).on("SIGINT", stop);

  const started = Array.from({ length: workers }, start);
  try {
    const [address] = await Promise.all(started.map(listening));
    if (address === undefined) throw new Error("There are no workers.");
    return { address, url };
  } catch (error) {
    stop();
    throw error;
  }
}

/** Where it listens. Rejects if it ends before. */
async function listening(worker: Worker): Promise<Serving["address"]> {
  const ended = once(worker, "exit").then(() => {
    throw new Error("A worker could not start.");
  });
  const [{ address, port }] = await Promise.race([once(worker, "listening"), ended]);
  return { address, port };
}
