import cluster from "node:cluster";
import type { Server } from "node:http";

/** How long requests under way may take to end, in milliseconds. */
const GRACE = 10_000;
/** What the first process of several says to the others. */
export const STOP = "stop";

/**
 * On SIGTERM or SIGINT, or when the first process says so: takes no new connections, lets requests under way end, then closes
 * what they needed. A second signal ends the process at once, as signals do.
 */
export function closeOnSignal(server: Server, closeTheRest: () => Promise<void>): void {
  let isDraining = false;
  const drain = async () => {
    if (isDraining) return;
    isDraining = true;
    process.off("SIGTERM", onSignal).off("SIGINT", onSignal);
    setTimeout(() => server.closeAllConnections(), GRACE).unref();
    // Browsers keep a connection after its answer, too.
    const sweeper = setInterval(() => server.closeIdleConnections(), 100);
    await new Promise((resolve) => server.close(resolve));
    clearInterval(sweeper);
    await closeTheRest();
    // Else the first process' next word is waited for.
    cluster.worker?.disconnect();
  };
  const onSignal = () => {
    drain().catch((error: unknown) => {
      process.stderr.write(`Shutting down failed: ${error}\n`);
      process.exit(1);
    });
  };
  process.on("SIGTERM", onSignal).on("SIGINT", onSignal);
  cluster.worker?.on("message", (message: unknown) => {
    if (message === STOP) onSignal();
  });
}
