import { DirectoryError } from "../../errors.ts";
import type { Servers } from "../open-servers.ts";
import type { Follow } from "./follow.ts";
import { followNotifications } from "./follow-notifications.ts";
import { followSync, type SyncMemory } from "./follow-sync.ts";
import { openListener } from "./listener.ts";
import { askOffer, readOne } from "./offer.ts";
import { poll } from "./poll.ts";
import type { WatchTimes } from "./watch-times.ts";

/** What one connection of a watch needs. */
export interface ConnectionOfWatch extends Pick<Follow, "part" | "tell"> {
  readonly servers: Servers;
  readonly memory: SyncMemory;
  readonly times: WatchTimes;
  readonly begun: (mode: Parameters<Follow["begun"]>[0], server: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Connects to the server to use at the moment and follows its changes in the best way that it has. Resolves if there is none; rejects when the
 * connection is over.
 */
export async function followConnection(settings: ConnectionOfWatch): Promise<void> {
  const { servers, memory, times, part, tell, begun, signal } = settings;
  const preferredThen = servers.preferred;
  const listener = await servers.connectApart(openListener, signal);
  const { server } = listener;
  let isAsking = false;

  function lookAfter(): void {
    const { preferred } = servers;
    // What was said before another server is used says nothing about that one.
    if (preferred && preferred !== preferredThen && preferred !== server) {
      const message = `${server.name} is not the server to use any more`;
      listener.destroy(new DirectoryError(message, { code: "unreachable" }));
      return;
    }
    if (isAsking || performance.now() - listener.lastHeard < times.quiet) return;
    isAsking = true;
    readOne(listener, "", ["objectClass"], times.question).then(
      () => {
        isAsking = false;
      },
      // The connection is over.
      () => {},
    );
  }

  const closeIt = () => listener.retire();
  signal.addEventListener("abort", closeIt);
  if (signal.aborted) closeIt();
  const timer = setInterval(lookAfter, times.tick).unref();
  try {
    const offer = await askOffer(listener, part.base, times.question);
    const follow: Follow = {
      listener,
      offer,
      part,
      tell,
      begun: (mode) => begun(mode, server.name),
      timeout: times.question,
    };
    await followSync(follow, server.name, memory, times.refresh);
    await followNotifications(follow, server.name);
    await poll(follow, times.poll);
  } finally {
    clearInterval(timer);
    signal.removeEventListener("abort", closeIt);
    listener.retire();
  }
}
