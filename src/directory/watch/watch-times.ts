/** When a watch does what, in milliseconds. */
export interface WatchTimes {
  /** For the answer to an ordinary question on its connection. */
  readonly question: number;
  /** Between two looks at a change counter. */
  readonly poll: number;
  /** Between two looks at whether the connection is still the right one. */
  readonly tick: number;
  /** A server that says nothing for so long is asked whether it is still there. */
  readonly quiet: number;
  /** Before the first attempt to connect again; each further one waits twice as long. */
  readonly firstPause: number;
  readonly longestPause: number;
  /** A connection that lasted so long was no failure. */
  readonly steady: number;
  /** The longest that a server may tell what there is before it tells what changes. */
  readonly refresh: number;
  /** A server that can't be followed is asked again after so long: it may have been set up for it. */
  readonly lookAgain: number;
}

export const WATCH_TIMES: WatchTimes = {
  question: 5_000,
  poll: 1_000,
  tick: 1_000,
  quiet: 30_000,
  firstPause: 500,
  longestPause: 30_000,
  steady: 30_000,
  refresh: 600_000,
  lookAgain: 300_000,
};
