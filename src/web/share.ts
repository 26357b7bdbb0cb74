import { hash, randomBytes } from "node:crypto";
import type { Deadline } from "../directory/deadline.ts";
import { askDirectory } from "./ask-directory.ts";

/**
 * Asks, or waits for the answer to an equal question that is under way; equal is what has the same words, to the byte. Waits
 * no longer than the asker's own deadline allows: rejects with a `DirectoryError` when that is over.
 */
export type Share<Answer> = (
  words: readonly (string | undefined)[],
  deadline: Deadline,
  ask: (deadline: Deadline) => Promise<Answer>,
) => Promise<Answer>;

/**
 * Lets equal questions that are under way at the same time have one answer: a page with many pictures is one login with
 * Basic, and not as many as there are requests. Nothing is kept once the answer is there, and no password at any time.
 * A question has a time budget of its own, so that nobody fails because who asked first had little time left.
 */
export function createShare<Answer>(startDeadline: () => Deadline): Share<Answer> {
  // In front of what is hashed it is key enough: nobody ever gets to see a digest.
  const secret = randomBytes(32).toString("base64url");
  const underWay = new Map<string, Promise<Answer>>();

  function join(
    words: readonly (string | undefined)[],
    ask: (deadline: Deadline) => Promise<Answer>,
  ): Promise<Answer> {
    const key = hash("sha256", secret + JSON.stringify(words), "base64url");
    const known = underWay.get(key);
    if (known !== undefined) return known;
    const asking = ask(startDeadline());
    underWay.set(key, asking);
    const forget = () => underWay.delete(key);
    asking.then(forget, forget);
    return asking;
  }

  return (words, deadline, ask) => askDirectory(deadline, () => join(words, ask));
}
