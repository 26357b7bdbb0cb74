import type { Change, WatchMode } from "../change.ts";
import type { Request } from "../requests.ts";
import type { Heard } from "./heard.ts";
import type { Listener } from "./listener.ts";
import type { Offer } from "./offer.ts";
import type { Part } from "./watch-requests.ts";

/** One connection on which changes are followed. */
export interface Follow {
  readonly listener: Listener;
  readonly offer: Offer;
  /** Where the people are. */
  readonly part: Part;
  readonly tell: (change: Change) => void;
  /** From now on changes are followed in this way. */
  readonly begun: (mode: WatchMode) => void;
  /** For an ordinary question, in milliseconds. */
  readonly timeout: number;
}

/** How a search that goes on ended after all. */
export type End = Extract<Heard, { readonly type: "done" }>;

/** Runs a search that goes on until the server ends it. Rejects when the connection is over. */
export function listenUntilDone(
  { listener }: Follow,
  request: Request,
  hear: (heard: Exclude<Heard, End>) => void,
): Promise<End> {
  const done = new Promise<End>((resolve) => {
    listener.listen(request, (heard) => {
      if (heard.type === "done") resolve(heard);
      else hear(heard);
    });
  });
  return Promise.race([done, listener.lost]);
}
