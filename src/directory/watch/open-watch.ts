import { setTimeout as wait } from "node:timers/promises";
import { DirectoryError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { Change, Watch, WatchMode, WatchSettings } from "../change.ts";
import type { Servers } from "../open-servers.ts";
import { closedError } from "../pool.ts";
import { followConnection } from "./follow-connection.ts";
import type { SyncMemory } from "./follow-sync.ts";
import { WATCH_TIMES, type WatchTimes } from "./watch-times.ts";

const MESSAGES: Readonly<Record<WatchMode, string>> = {
  syncrepl: "Changes in the directory are followed by content synchronization.",
  notification: "Changes in the directory are followed by change notifications.",
  poll: "Changes in the directory are noticed by its change counter.",
  interval: "The directory's changes can't be followed: entries are read again from time to time.",
};

/** Follows changes until it is closed, on one connection at a time. Nothing of it keeps the process alive. */
export function openWatch(
  servers: Servers,
  { base, scope, onMode }: WatchSettings,
  tell: (change: Change) => void,
  log: Log,
  times: WatchTimes = WATCH_TIMES,
): Watch {
  const closing = new AbortController();
  const { signal } = closing;
  const memory: SyncMemory = { position: undefined };
  let mode: WatchMode | undefined;
  let lastTold: string | undefined;

  function setMode(next: WatchMode | undefined, server = ""): void {
    if (mode === next) return;
    mode = next;
    onMode?.(next);
    const told = `${next} ${server}`;
    if (next === undefined || told === lastTold) return;
    lastTold = told;
    const details = { mode: next, ...(server && { server }) };
    log({ level: "info", event: "watch", message: MESSAGES[next], details });
  }

  function failed(error: unknown): void {
    setMode(undefined);
    // That a server is away is told by those who need an answer of it.
    if (error instanceof DirectoryError && error.code !== "protocol") return;
    const reason = error instanceof Error ? error.message : "unknown reason";
    const message = "What the directory says about its changes can't be used.";
    log({ level: "warn", event: "watch-failed", message, details: { reason } });
  }

  async function run(): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      const since = performance.now();
      let pause = times.lookAgain;
      try {
        const begun = setMode;
        await followConnection({
          ...{ servers, memory, times, tell, begun, signal },
          part: { base, scope },
        });
        setMode("interval");
        failures = 0;
      } catch (error) {
        if (signal.aborted) break;
        failed(error);
        if (performance.now() - since >= times.steady) failures = 0;
        pause = Math.min(times.firstPause * 2 ** failures, times.longestPause);
        failures = Math.min(failures + 1, 16);
      }
      await sleep(pause * (0.5 + Math.random() / 2));
    }
    mode = undefined;
  }

  /** Ends at once when the watch is closed. */
  async function sleep(milliseconds: number): Promise<void> {
    await wait(milliseconds, undefined, { ref: false, signal }).catch(() => {});
  }

  const running = run();
  return {
    get mode() {
      return mode;
    },
    close() {
      closing.abort(closedError());
      return running;
    },
  };
}
