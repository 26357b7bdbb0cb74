import type { Deadline } from "../../directory/deadline.ts";
import { DirectoryError } from "../../errors.ts";
import type { Troubles } from "./trouble.ts";

/** How many questions are under way at the same time: enough to hide the way to the server, too few to crowd out others. */
const AT_ONCE = 16;

/**
 * Asks about each item, several at once, until there is no use in going on: `isDone`, the time is over, or the directory is gone. What is
 * not asked for lack of time is among the troubles.
 */
export async function inWaves<Item, Answer>(
  items: readonly Item[],
  ask: (item: Item) => Promise<Answer>,
  { troubles, deadline }: { readonly troubles: Troubles; readonly deadline: Deadline },
  isDone: (answer: Answer) => boolean = () => false,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (let start = 0; start < items.length; start += AT_ONCE) {
    if (troubles.isOver) break;
    if (deadline.remaining() <= 0) {
      const message = `no time left after ${start} of ${items.length}`;
      troubles.add(new DirectoryError(message, { code: "timeout" }), "looking into groups");
      break;
    }
    const wave = await Promise.all(items.slice(start, start + AT_ONCE).map(ask));
    for (const answer of wave) answers.push(answer);
    if (wave.some(isDone)) break;
  }
  return answers;
}
