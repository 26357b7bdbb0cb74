/** How long the directory took to refuse passwords lately, so that a decoy can take as long. */
export interface RefusalTimes {
  add(milliseconds: number): void;
  /** One of them at random; 0 if none is known. */
  sample(): number;
}

const MOST = 32;

export function rememberRefusalTimes(): RefusalTimes {
  const times: number[] = [];
  let next = 0;
  return {
    add(milliseconds) {
      times[next] = milliseconds;
      next = (next + 1) % MOST;
    },
    sample: () => times[Math.floor(Math.random() * times.length)] ?? 0,
  };
}
