import { DirectoryError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Counter } from "./throttle-counter.ts";
import type { OwnCounter } from "./throttle-memory.ts";

/** After a failure the store is asked again after this long, by one try at a time. Milliseconds. */
const PAUSE = 1_000;

/** Whether the shared store is away; told once when it goes, and once when it is back. */
export interface Outage {
  mayAsk(): boolean;
  /** The store has answered. */
  answered(): void;
  failed(error: unknown): void;
}

export function watchOutage(log: Log, now: () => number): Outage {
  let isAway = false;
  let askAgain = 0;
  return {
    mayAsk() {
      if (!isAway) return true;
      if (now() < askAgain) return false;
      askAgain = now() + PAUSE;
      return true;
    },
    answered() {
      if (!isAway) return;
      isAway = false;
      const message =
        "The throttle's Redis is back: wrong passwords are counted for all processes.";
      log({ level: "info", event: "throttle-store-back", message });
    },
    failed(error) {
      askAgain = now() + PAUSE;
      if (isAway) return;
      isAway = true;
      const message =
        "The throttle's Redis can't be asked: each process counts wrong passwords for itself.";
      const details = { reason: reasonOf(error) };
      log({ level: "error", event: "throttle-store-away", message, details });
    },
  };
}

/**
 * Counts in the shared store, and while that is away in this process, which has kept count of its own all the time: logins go on, and none is
 * unlimited. `take` rejects only with a `DirectoryError`, where the deadline is over.
 */
export function withFallback(shared: Counter, own: OwnCounter, outage: Outage): Counter {
  return {
    most: shared.most,
    async take(key, deadline) {
      if (!outage.mayAsk()) return own.take(key, deadline);
      try {
        const taken = await shared.take(key, deadline);
        outage.answered();
        if (taken.outcome !== "placed") return taken;
        return {
          outcome: "placed",
          async leave(how) {
            own.note(key, how);
            try {
              return await taken.leave(how);
            } catch (error) {
              outage.failed(error);
              return own.blockedFor(key);
            }
          },
        };
      } catch (error) {
        if (error instanceof DirectoryError) throw error;
        outage.failed(error);
        return own.take(key, deadline);
      }
    },
  };
}

/** A client's own message may hold its URL, and with it a password. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
