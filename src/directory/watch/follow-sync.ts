import { DirectoryError } from "../../errors.ts";
import { isWithin } from "../part-of-tree.ts";
import { isServerTrouble } from "../result-codes.ts";
import { type End, type Follow, listenUntilDone } from "./follow.ts";
import type { Heard } from "./heard.ts";
import { currentCookie } from "./sync-cookie.ts";
import { type Part, SYNC_REQUEST, synchronize } from "./watch-requests.ts";

/** How far a server's changes are known: for going on after the connection was lost. */
export interface SyncPosition {
  readonly server: string;
  readonly base: string;
  readonly cookie: Buffer;
}

/** Keeps the position from one connection to the next. */
export interface SyncMemory {
  position: SyncPosition | undefined;
}

/** The server can't go on from the cookie (RFC 4533 section 2.6). */
const REFRESH_REQUIRED = 4096;

/** More entries in a refresh than this are not told one by one. */
const MOST_TOLD = 1_000;

/**
 * Content synchronization (RFC 4533), refreshAndPersist. Resolves if the server offers or allows none; rejects when the connection is over. No tree
 * is fetched where that can be avoided: it begins at the server's present state.
 */
export async function followSync(
  follow: Follow,
  server: string,
  memory: SyncMemory,
  longestRefresh: number,
): Promise<void> {
  const { offer, part } = follow;
  if (!offer.controls.has(SYNC_REQUEST)) return;
  for (const wanted of partsOf(part, offer.context)) {
    for (const cookieOf of [resumed, current, none]) {
      const cookie = await cookieOf(wanted);
      if (cookie === undefined && cookieOf !== none) continue;
      const { end, isFollowing } = await synchronizeFrom(wanted, cookie, cookieOf === resumed);
      if (end.code === REFRESH_REQUIRED) memory.position = undefined;
      if (isFollowing || isServerTrouble(end.code)) throw ended(server, end);
      // The next one then: OpenLDAP's 53, say, is of a cookie that is newer than the server.
    }
  }

  async function resumed({ base }: Part): Promise<Buffer | undefined> {
    const { position } = memory;
    return position?.server === server && position.base === base ? position.cookie : undefined;
  }

  async function current({ base }: Part): Promise<Buffer | undefined> {
    const { context = base } = offer;
    return currentCookie(follow.listener, context, follow.timeout);
  }

  async function none(): Promise<undefined> {
    return undefined;
  }

  async function synchronizeFrom(
    wanted: Part,
    cookie: Buffer | undefined,
    isResumed: boolean,
  ): Promise<{ readonly end: End; readonly isFollowing: boolean }> {
    let isFollowing = false;
    let isAnything = !isResumed;
    let told = 0;
    let latest = cookie;

    function onRefresh(heard: Exclude<Heard, End>): void {
      if ("cookie" in heard) latest = heard.cookie ?? latest;
      switch (heard.type) {
        case "entry":
          // Without a cookie all entries come, changed or not.
          if (heard.state === "present") isAnything = true;
          else if (cookie) tellOne(heard);
          return;
        case "ids":
          if (heard.areGone) tellIds(heard.ids);
          // What is not said to be there is gone, and nobody remembers what there was.
          else isAnything = true;
          return;
        case "refreshDelete":
        case "refreshPresent":
          if (heard.type === "refreshPresent") isAnything = true;
          if (heard.isDone) finishRefresh();
          return;
        default:
      }
    }

    function finishRefresh(): void {
      isFollowing = true;
      clearTimeout(timer);
      remember();
      if (isAnything) follow.tell({ kind: "anything" });
      follow.begun("syncrepl");
    }

    function onChange(heard: Exclude<Heard, End>): void {
      if (heard.type === "entry") follow.tell(heard.change);
      else if (heard.type === "ids") tellIds(heard.ids);
      else if (heard.type !== "cookie" && heard.type !== "other") follow.tell({ kind: "anything" });
      if ("cookie" in heard && heard.cookie) {
        latest = heard.cookie;
        remember();
      }
    }

    function tellOne({ change }: Extract<Heard, { readonly type: "entry" }>): void {
      told += 1;
      if (told > MOST_TOLD) isAnything = true;
      else follow.tell(change);
    }

    function tellIds(ids: readonly string[]): void {
      if (ids.length > MOST_TOLD) follow.tell({ kind: "anything" });
      else for (const id of ids) follow.tell({ kind: "entry", id });
    }

    /** Only what was told: a position in the midst of a refresh would lose what this was still to say. */
    function remember(): void {
      if (latest) memory.position = { server, base: wanted.base, cookie: latest };
    }

    const timer = setTimeout(() => {
      const message = `${server}: the refresh did not end`;
      follow.listener.destroy(new DirectoryError(message, { code: "timeout" }));
    }, longestRefresh).unref();
    try {
      const end = await listenUntilDone(follow, synchronize(wanted, cookie), (heard) =>
        isFollowing ? onChange(heard) : onRefresh(heard),
      );
      return { end, isFollowing };
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The tree that has the groups, too, and what has the people, where the service account may not follow the whole. */
function partsOf(part: Part, context: string | undefined): readonly Part[] {
  if (context === undefined || isWithin(context, part.base)) return [{ ...part, scope: "sub" }];
  return [{ base: context, scope: "sub" }, part];
}

function ended(server: string, { code: resultCode, text }: End): DirectoryError {
  const message = `${server} has ended the synchronization (result code ${resultCode})${text && `: ${text}`}`;
  return new DirectoryError(message, { code: "unreachable", resultCode });
}
