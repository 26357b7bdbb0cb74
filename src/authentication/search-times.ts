/** How long searches take that have nothing beside them. */
export interface SearchTimes {
  add(milliseconds: number): void;
  /** The median of the latest ones; 0 as long as there are none. */
  usual(): number;
}

const MOST = 32;

export function rememberSearchTimes(): SearchTimes {
  const times: number[] = [];
  let next = 0;
  let median = 0;
  return {
    add(milliseconds) {
      times[next] = milliseconds;
      next = (next + 1) % MOST;
      // Only now and then: the usual time does not change from one login to the next.
      if (times.length < MOST || next === 0) {
        median = [...times].sort((a, b) => a - b)[times.length >> 1] ?? 0;
      }
    },
    usual: () => median,
  };
}
