import { setImmediate as breathe } from "node:timers/promises";
import type { Deadline } from "../../directory/deadline.ts";
import { DirectoryError } from "../../errors.ts";

/** More than these do not wait: nobody would wait for so long. */
const MOST_WAITING = 200;

let waiting = 0;
let last: Promise<unknown> = Promise.resolve();

/**
 * Hashes one password after the other, in this process: whatever number of visitors try, all other requests get their turn in between. Rejects
 * with a `DirectoryError` for whoever's time is over before theirs, and where too many wait.
 */
export async function inTurn<T>(deadline: Deadline, hash: () => Promise<T>): Promise<T> {
  if (waiting >= MOST_WAITING) {
    throw new DirectoryError("Too many passwords are being checked.", { code: "busy" });
  }
  waiting += 1;
  const before = last;
  const own = (async () => {
    await before;
    await breathe();
    if (deadline.remaining() > 0) return hash();
    throw new DirectoryError("The password could not be checked in time.", { code: "timeout" });
  })();
  last = own.catch(() => {});
  try {
    return await own;
  } finally {
    waiting -= 1;
  }
}
