/** Waits for something to become true, three seconds at most. */
export async function eventually(isTrue: () => boolean): Promise<void> {
  const end = performance.now() + 3_000;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error(`never true: ${isTrue}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
