const MOST_BLOCKS = 100_000;

/** The keys that this process knows to be blocked: so that no try under them costs more than a look. */
export interface Blocks {
  isEmpty(): boolean;
  /** For how many milliseconds a key is blocked; 0 if it is not known to be. */
  left(key: string): number;
  add(key: string, milliseconds: number): void;
}

/** `now` in milliseconds. */
export function createBlocks(now: () => number): Blocks {
  const ends = new Map<string, number>();

  /** The oldest are over first, or nearly so. */
  function sweep(): void {
    for (const [key, end] of ends) {
      if (end > now() && ends.size <= MOST_BLOCKS) return;
      ends.delete(key);
    }
  }

  return {
    isEmpty() {
      if (ends.size > 0) sweep();
      return ends.size === 0;
    },
    left: (key) => Math.max(0, (ends.get(key) ?? 0) - now()),
    add(key, milliseconds) {
      ends.delete(key);
      ends.set(key, now() + milliseconds);
      sweep();
    },
  };
}
