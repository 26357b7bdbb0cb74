import type { Deadline } from "../directory/deadline.ts";
import { DirectoryError } from "../errors.ts";
import { within } from "./within.ts";

/** The directory keeps its deadlines itself; this is for the day on which it does not. Milliseconds. */
const GRACE = 500;

/** Asks the directory, and waits for the answer, but not for ever. Rejects with a `DirectoryError` when time is up. */
export async function askDirectory<T>(deadline: Deadline, ask: () => Promise<T>): Promise<T> {
  const late = () =>
    new DirectoryError("The directory did not answer in time.", { code: "timeout" });
  return within(deadline.remaining() + GRACE, ask(), late);
}
