/** Something that the directory was seen to have changed. */
export type Change =
  /** One entry: added, modified, renamed or deleted. At least one of the two is known. */
  | { readonly kind: "entry"; readonly dn?: string; readonly id?: string }
  /** Anything may have: the watch began anew, or the server tells no more than that. */
  | { readonly kind: "anything" };

/** How changes are followed: see the option `watch`. `interval`: not at all. */
export type WatchMode = "syncrepl" | "notification" | "poll" | "interval";

/** A listener to a directory's changes. It never rejects, and reconnects by itself. */
export interface Watch {
  /** How it follows at the moment; undefined until that is known, or while the server is away. */
  readonly mode: WatchMode | undefined;
  close(): Promise<void>;
}
