import type { Server } from "node:http";

/** How long requests under way may take to end, in milliseconds. */
const GRACE = 10_000;

/**
 * On SIGTERM or SIGINT: takes no new connections, lets requests under way end, then closes what they needed. A second signal
 * ends the process at once, as signals do.
 */
export function closeOnSignal(server: Server, closeTheRest: () => Promise<void>): void {
  const drain = async () => {
    process.off("SIGTERM", onSignal).off("SIGINT", onSignal);
    setTimeout(() => server.closeAllConnections(), GRACE).unref();
    await new Promise((resolve) => server.close(resolve));
    await closeTheRest();
  };
  const onSignal = () => {
    drain().catch((error: unknown) => {
      process.stderr.write(`Shutting down failed: ${error}\n`);
      process.exit(1);
    });
  };
  process.on("SIGTERM", onSignal).on("SIGINT", onSignal);
}
