import { type Admission, TooManyTries } from "../authentication/provider.ts";
import { type Deadline, startDeadline } from "../directory/deadline.ts";
import { DirectoryError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { RedisSettings } from "./redis-client.ts";
import { type Blocks, createBlocks } from "./throttle-blocks.ts";
import type { Counter, Leaving, Place } from "./throttle-counter.ts";
import { watchOutage, withFallback } from "./throttle-fallback.ts";
import { addressKey, nameKey, personKey } from "./throttle-keys.ts";
import { createCounts, createOwnCounter, type OwnCounter } from "./throttle-memory.ts";
import { createRedisCounter } from "./throttle-redis.ts";
import { createRooms, type Rooms } from "./throttle-rooms.ts";

/** An address may be wrong this many times as often as a person: many people share one behind a NAT. */
const PEOPLE_PER_ADDRESS = 10;

/** A try that was let through. Say once how it ended. */
export interface Attempt extends Admission {
  /**
   * For a right password that was found in memory, and so takes no place: as `admit` where that would refuse, or make it wait. A memory could else be
   * asked for more guesses than the directory.
   */
  admitRemembered(identity: string, deadline: Deadline): Promise<void>;
  /** The password was right: the failures of this person are forgotten, those of the address and of anybody else are not. */
  succeeded(): void;
  /** The password was wrong. */
  failed(): void;
  /** Nobody could say: it counts for nothing. */
  abandoned(): void;
}

export interface Throttle {
  /** Lets a try through, or says how many seconds to wait. Costs next to nothing while nobody is blocked. */
  begin(username: string, address: string | undefined): Attempt | { readonly retryAfter: number };
}

/** How many wrong passwords a person may have within the window, in milliseconds. */
export interface ThrottleSettings {
  readonly failures: number;
  readonly window: number;
}

/** What it may be given besides. */
export interface ThrottleSurroundings {
  readonly log: Log;
  /** Where counts are shared among processes. Default: they are not. */
  readonly redis?: RedisSettings | undefined;
  /** Milliseconds. Default: `performance.now`. */
  readonly now?: () => number;
}

/** What tries are counted under. */
interface Subject {
  readonly kind: "address" | "name" | "person";
  readonly key: string;
  readonly counter: Counter;
  readonly own: OwnCounter;
}

/** A try under one key. */
interface Try {
  readonly subject: Subject;
  place: Place | undefined;
  /** How many places had been left when it looked for one last. */
  seen: number;
}

/**
 * Counts wrong passwords in fixed windows: by address, by the name that was typed and, once it is known, by person. Tries under way hold places, so
 * N guesses at the same time count N; those that find no place, but no proven failure either, wait for one.
 */
export function createThrottle(
  { failures, window }: ThrottleSettings,
  { log, redis, now = () => performance.now() }: ThrottleSurroundings,
): Throttle {
  const blocks = createBlocks(now);
  const rooms = createRooms(redis !== undefined);
  const counts = createCounts(now);
  const outage = watchOutage(log, now);
  const ofPerson = openCounters(failures);
  const ofAddress = openCounters(failures * PEOPLE_PER_ADDRESS);

  function openCounters(most: number): Pick<Subject, "counter" | "own"> {
    const own = createOwnCounter({ most, window }, counts, now);
    if (!redis) return { counter: own, own };
    const shared = createRedisCounter(redis, { most, window }, now);
    return { counter: withFallback(shared, own, outage), own };
  }

  return {
    begin(username, address) {
      let known: readonly Subject[] | undefined;
      const subjects = () => {
        known ??= [
          { kind: "address", key: addressKey(address), ...ofAddress },
          { kind: "name", key: nameKey(username), ...ofPerson },
        ];
        return known;
      };
      const person = (identity: string): Subject => {
        return { kind: "person", key: personKey(identity), ...ofPerson };
      };
      const milliseconds = blocks.isEmpty() ? 0 : longestBlock(blocks, subjects());
      if (milliseconds > 0) return { retryAfter: seconds(milliseconds) };
      return createAttempt(subjects, person, blocks, rooms);
    },
  };
}

function createAttempt(
  subjects: () => readonly Subject[],
  person: (identity: string) => Subject,
  blocks: Blocks,
  rooms: Rooms,
): Attempt {
  const tries: Try[] = [];
  let hasEnded = false;

  function enter(subject: Subject): Try {
    const one = { subject, place: undefined, seen: 0 };
    rooms.enter(subject.key);
    tries.push(one);
    return one;
  }

  /** Whether there was a place for it. */
  async function takePlace(one: Try, deadline: Deadline): Promise<boolean> {
    const { key, counter } = one.subject;
    if (hasEnded) throw ended();
    refuseBlocked(blocks, [one.subject]);
    one.seen = rooms.departures(key);
    const taken = await counter.take(key, deadline);
    if (taken.outcome === "blocked") {
      noteBlock(key, taken.milliseconds);
      throw new TooManyTries(seconds(taken.milliseconds));
    }
    if (taken.outcome === "full") return false;
    one.place = taken;
    if (!hasEnded) return true;
    void leavePlace(one, "given-back");
    throw ended();
  }

  async function waitForPlace(one: Try, deadline: Deadline): Promise<void> {
    const { key } = one.subject;
    do {
      await rooms.turn(key, one.seen, deadline);
    } while (!(await takePlace(one, deadline).catch((error) => passOn(key, error))));
  }

  /** Whoever's turn it was takes no place: it is the next one's. */
  function passOn(key: string, error: unknown): never {
    rooms.wakeOne(key);
    throw error;
  }

  async function leavePlace(one: Try, how: Leaving): Promise<void> {
    const { place, subject } = one;
    if (!place) return;
    one.place = undefined;
    const { key } = subject;
    const leaving = place.leave(how);
    rooms.leave(key);
    // Nobody waits for this any more: an exception here would end the process.
    const milliseconds = await leaving.catch(() => undefined);
    if (milliseconds !== undefined) noteBlock(key, milliseconds);
  }

  function noteBlock(key: string, milliseconds: number): void {
    blocks.add(key, milliseconds);
    rooms.wakeAll(key);
  }

  /** All at once where there are places; else they are waited for in one order, so that no two tries wait for each other. */
  async function takePlaces(fresh: readonly Try[], deadline: Deadline): Promise<void> {
    const tried = await Promise.allSettled(
      fresh.map(async (one) => {
        one.seen = rooms.departures(one.subject.key);
        return !rooms.hasQueue(one.subject.key) && (await takePlace(one, deadline));
      }),
    );
    for (const result of tried) if (result.status === "rejected") throw result.reason;
    const missing = tried.findIndex((result) => result.status === "fulfilled" && !result.value);
    if (missing < 0) return;
    for (const one of fresh.slice(missing + 1)) void leavePlace(one, "given-back");
    for (const one of fresh.slice(missing)) await waitForPlace(one, deadline);
  }

  async function admit(identity: string | undefined, deadline: Deadline): Promise<void> {
    if (hasEnded) throw ended();
    const wanted = identity === undefined ? subjects() : [...subjects(), person(identity)];
    const missing = wanted
      .map((subject) => tries.find((one) => one.subject.key === subject.key) ?? enter(subject))
      .filter(({ place }) => place === undefined);
    refuseBlocked(blocks, wanted);
    if (missing.length > 0) await takePlaces(missing, deadline);
  }

  /** `howOf` says how each leaves. */
  function end(howOf: (one: Try) => Leaving): void {
    if (hasEnded) return;
    hasEnded = true;
    for (const one of tries) {
      const exit = () => rooms.exit(one.subject.key);
      // Until it is known what that makes of the count, others see a try under way.
      leavePlace(one, howOf(one)).then(exit, exit);
    }
  }

  return {
    admit,
    async admitRemembered(identity, deadline) {
      if (blocks.isEmpty() && rooms.isEmpty()) return;
      const all = [...subjects(), person(identity)];
      refuseBlocked(blocks, all);
      const hasRoom = ({ key, counter, own }: Subject) =>
        own.failures(key) + rooms.tries(key) < counter.most;
      if (!all.every(hasRoom)) await admit(identity, deadline);
    },
    succeeded() {
      // With several providers, the one before the last did not know this password.
      const proven = tries.findLast(({ subject }) => subject.kind === "person");
      end((one) => {
        const isTheirs = one === proven || (proven && one.subject.kind === "name");
        return isTheirs ? "forgotten" : "given-back";
      });
    },
    failed() {
      // A guess counts also where nobody asked for its admission.
      if (tries.length === 0) for (const subject of subjects()) void countFailure(subject);
      end(() => "failed");
    },
    abandoned() {
      end(() => "given-back");
    },
  };
}

async function countFailure({ key, counter }: Subject): Promise<void> {
  try {
    const taken = await counter.take(key, startDeadline(1_000));
    if (taken.outcome === "placed") await taken.leave("failed");
  } catch {
    // Then nobody has checked a password either.
  }
}

function ended(): DirectoryError {
  return new DirectoryError("This login has ended.", { code: "timeout" });
}

function refuseBlocked(blocks: Blocks, subjects: readonly Subject[]): void {
  if (blocks.isEmpty()) return;
  const milliseconds = longestBlock(blocks, subjects);
  if (milliseconds > 0) throw new TooManyTries(seconds(milliseconds));
}

function longestBlock(blocks: Blocks, subjects: readonly Subject[]): number {
  return Math.max(...subjects.map(({ key }) => blocks.left(key)));
}

/** For Retry-After, which knows whole seconds and no 0. */
function seconds(milliseconds: number): number {
  return Math.max(1, Math.ceil(milliseconds / 1_000));
}
