import { readFile, stat } from "node:fs/promises";
import { DirectoryError } from "../../errors.ts";

/** A file's content, read again when it has changed. Rejects with a `DirectoryError` (`unreachable`) if it can't be read. */
export type WatchedFile<T> = () => Promise<T>;

const MOST_BYTES = 16 * 1024 * 1024;
/** A file system's clock may be this coarse, in milliseconds: a second change within it leaves no trace. */
const CLOCK_GRAIN = 2_000;

/**
 * Looks at the file's size, times and inode at each call, and reads it only when one of them is new, or when it has changed just
 * now. `parse` gets one letter per byte (Latin-1), so that names are compared byte for byte, and may throw for what it can't read.
 */
export function watchFile<T>(path: string, parse: (bytes: string) => T): WatchedFile<T> {
  let known: { readonly key: string; readonly content: T } | undefined;

  return async () => {
    try {
      const { size, mtimeMs, ctimeMs, ino, isFile } = await lookAt(path);
      // A pipe or a device may never end.
      if (!isFile) throw new RangeError("it is not a file");
      if (size > MOST_BYTES) throw new RangeError(`it has more than ${MOST_BYTES} bytes`);
      const key = `${size} ${mtimeMs} ${ctimeMs} ${ino}`;
      if (known?.key === key) return known.content;
      const content = parse(await readFile(path, "latin1"));
      const isSettled = Date.now() - Math.max(mtimeMs, ctimeMs) > CLOCK_GRAIN;
      known = isSettled ? { key, content } : undefined;
      return content;
    } catch (cause) {
      known = undefined;
      const reason = cause instanceof Error ? cause.message : "unreadable";
      throw new DirectoryError(`${path}: ${reason}`, { code: "unreachable", cause });
    }
  };
}

async function lookAt(path: string) {
  const stats = await stat(path);
  const { size, mtimeMs, ctimeMs, ino } = stats;
  return { size, mtimeMs, ctimeMs, ino, isFile: stats.isFile() };
}

/** Text as `parse` saw it: one letter per byte of UTF-8. */
export function bytesOf(text: string): string {
  return Buffer.from(text).toString("latin1");
}
