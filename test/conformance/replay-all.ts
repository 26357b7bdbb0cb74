import { type Judgement, judge } from "./judge.ts";
import { hasIncidents, type RecordedCase } from "./recorded-case.ts";
import { replay } from "./replay.ts";
import { type Kind, type Surroundings, startSurroundings } from "./surroundings.ts";

const AT_ONCE = 8;

/**
 * Replays and judges cases, several at a time. A case in which something happens to the directory gets a directory of its own. Where there
 * is no IPv6, those that need it are left out.
 */
export async function replayAll(
  cases: readonly RecordedCase[],
  on: Kind,
): Promise<readonly Judgement[]> {
  const judgements = new Map<RecordedCase, readonly Judgement[]>();
  const run = async (recorded: RecordedCase, surroundings: Surroundings): Promise<void> => {
    if (!surroundings.hasIpv6 && recorded.config.includes("[::1]")) return;
    const outcome = await replay(recorded, surroundings).catch((cause: unknown) => {
      throw new Error(`${recorded.id} could not be replayed`, { cause });
    });
    judgements.set(recorded, judge(recorded, outcome));
  };

  await within(on, async (surroundings) => {
    const waiting = cases.filter((each) => !hasIncidents(each));
    const worker = async (): Promise<void> => {
      for (let next = waiting.shift(); next; next = waiting.shift()) await run(next, surroundings);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  });
  // One by one: what is busy elsewhere could take the port of a directory that is stopped.
  for (const recorded of cases.filter(hasIncidents)) {
    await within(on, (surroundings) => run(recorded, surroundings));
  }
  return cases.flatMap((recorded) => judgements.get(recorded) ?? []);
}

async function within(on: Kind, use: (surroundings: Surroundings) => Promise<void>): Promise<void> {
  const surroundings = await startSurroundings(on);
  try {
    await use(surroundings);
  } finally {
    await surroundings.close();
  }
}
