/** The time that one request may spend on the directory, all operations together. */
export interface Deadline {
  /** Milliseconds left; 0 when it is over. */
  remaining(): number;
}

export function startDeadline(milliseconds: number): Deadline {
  const end = performance.now() + milliseconds;
  return { remaining: () => Math.max(0, end - performance.now()) };
}
