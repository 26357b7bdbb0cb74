import { setTimeout as wait } from "node:timers/promises";
import { textValues } from "../../ldap/entry.ts";
import type { Follow } from "./follow.ts";
import { readOne } from "./offer.ts";
import { contextCsn } from "./sync-cookie.ts";

/**
 * One look at the server's change counter each `pause` milliseconds. It tells that something has changed, and not what. Resolves if the server has
 * none, or has one no more; rejects when the connection is over.
 */
export async function poll(follow: Follow, pause: number): Promise<void> {
  const { listener, offer, tell, begun } = follow;
  let last: string | undefined;
  for (;;) {
    const now = await readCounter();
    if (now === undefined) return;
    if (now !== last) tell({ kind: "anything" });
    if (last === undefined) begun("poll");
    last = now;
    await Promise.race([wait(pause, undefined, { ref: false }), listener.lost]);
  }

  async function readCounter(): Promise<string | undefined> {
    if (offer.counter !== undefined) {
      const root = await readOne(listener, "", [offer.counter], follow.timeout);
      return root && textValues(root, offer.counter).join(" ");
    }
    if (offer.context === undefined) return undefined;
    const csns = await contextCsn(listener, offer.context, follow.timeout);
    return csns.length > 0 ? csns.join(" ") : undefined;
  }
}
