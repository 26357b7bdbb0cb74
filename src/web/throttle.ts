import type { Deadline } from "../directory/deadline.ts";
import { DirectoryError } from "../errors.ts";
import { addressKey, nameKey, spellingKey } from "./throttle-keys.ts";
import type { WebSettings } from "./web-settings.ts";
import { within } from "./within.ts";

/** An address may be wrong this many times as often as a name: many people share one behind a NAT. */
const NAMES_PER_ADDRESS = 10;
const MOST_KEYS = 100_000;
/** How many of the oldest counters are looked at for the one to forget. */
const CANDIDATES = 20;

/** A try that was let through. Say once how it ended. */
export interface Attempt {
  /** The password was right: failures under this very spelling of the name are forgotten, those of the address are not. */
  succeeded(): void;
  /** The password was wrong. */
  failed(): void;
  /** Nobody could say: it counts for nothing. */
  abandoned(): void;
}

export interface Throttle {
  /**
   * Lets a try through, or says how many seconds to wait. Tries under way hold a place, so N guesses at the same time count
   * N; those that find no place, but no proven failure either, wait for one.
   */
  begin(
    username: string,
    address: string | undefined,
    deadline: Deadline,
  ): Promise<Attempt | { readonly retryAfter: number }>;
  /**
   * May a try be given the answer of an equal one that is under way, and so take no place? Not where it would be refused, and
   * not while others wait: a flood of guesses could else be held against the right password before any of them counts.
   */
  mayShare(username: string, address: string | undefined): boolean;
}

interface Counter {
  /** Of each wrong password the spelling of the name; of an address's `""`. */
  failures: readonly string[];
  underWay: number;
  /** When the failures are forgotten. */
  readonly end: number;
  readonly waiting: (() => void)[];
}

interface Limit {
  readonly key: string;
  readonly most: number;
}

/** Counts wrong passwords by name and by address, each in a fixed window. `now` in milliseconds. */
export function createThrottle(
  settings: Exclude<WebSettings["throttle"], false>,
  now: () => number = () => performance.now(),
): Throttle {
  const counters = new Map<string, Counter>();

  function limitsOf(username: string, address: string | undefined): readonly [Limit, Limit] {
    const { failures } = settings;
    return [
      { key: nameKey(username), most: failures },
      { key: addressKey(address), most: failures * NAMES_PER_ADDRESS },
    ];
  }

  function lookUp(key: string): Counter | undefined {
    const counter = counters.get(key);
    return counter && counter.end > now() ? counter : undefined;
  }

  function secondsToWait(limits: readonly Limit[]): number | undefined {
    const ends = limits.flatMap(({ key, most }) => {
      const counter = lookUp(key);
      return counter && counter.failures.length >= most ? [counter.end] : [];
    });
    return ends.length > 0 ? Math.max(1, Math.ceil((Math.max(...ends) - now()) / 1000)) : undefined;
  }

  function fullCounter(limits: readonly Limit[]): Counter | undefined {
    for (const { key, most } of limits) {
      const counter = lookUp(key);
      if (counter && counter.failures.length + counter.underWay >= most) return counter;
    }
    return undefined;
  }

  function takePlace(key: string): Counter {
    const counter = lookUp(key) ?? addCounter(key);
    counter.underWay++;
    return counter;
  }

  function addCounter(key: string): Counter {
    const counter = { failures: [], underWay: 0, end: now() + settings.window, waiting: [] };
    counters.delete(key);
    if (counters.size >= MOST_KEYS) forgetOne();
    counters.set(key, counter);
    return counter;
  }

  /** Of the oldest counters the one that says least: junk names can't push out a name that is being guessed at. */
  function forgetOne(): void {
    let least = { key: "", weight: Number.POSITIVE_INFINITY };
    let seen = 0;
    for (const [key, { failures, underWay, end }] of counters) {
      const weight = underWay + (end > now() ? failures.length : 0);
      if (weight < least.weight) least = { key, weight };
      if (++seen === CANDIDATES) break;
    }
    counters.delete(least.key);
  }

  function leavePlace(key: string, counter: Counter): void {
    counter.underWay--;
    for (const wake of counter.waiting.splice(0)) wake();
    const idle = counter.failures.length === 0 && counter.underWay === 0;
    if (idle && counters.get(key) === counter) counters.delete(key);
  }

  function takePlaces(username: string, [name, from]: readonly [Limit, Limit]): Attempt {
    const spelling = spellingKey(username);
    const byName = takePlace(name.key);
    const byAddress = takePlace(from.key);
    const end = () => {
      leavePlace(name.key, byName);
      leavePlace(from.key, byAddress);
    };
    return {
      succeeded() {
        // Somebody else's account may have a name that counts as the same one.
        byName.failures = byName.failures.filter((other) => other !== spelling);
        end();
      },
      failed() {
        byName.failures = [...byName.failures, spelling];
        byAddress.failures = [...byAddress.failures, ""];
        end();
      },
      abandoned: end,
    };
  }

  return {
    async begin(username, address, deadline) {
      const limits = limitsOf(username, address);
      for (;;) {
        const retryAfter = secondsToWait(limits);
        if (retryAfter !== undefined) return { retryAfter };
        const full = fullCounter(limits);
        if (full === undefined) return takePlaces(username, limits);
        await changeOf(full, deadline);
      }
    },
    mayShare(username, address) {
      const limits = limitsOf(username, address);
      if (secondsToWait(limits) !== undefined) return false;
      return limits.every(({ key }) => (lookUp(key)?.waiting.length ?? 0) === 0);
    },
  };
}

/** Waits until a try under way has ended. */
async function changeOf(counter: Counter, deadline: Deadline): Promise<void> {
  const changed = new Promise<void>((resolve) => counter.waiting.push(resolve));
  await within(
    deadline.remaining(),
    changed,
    () => new DirectoryError("Too many logins under way for this name.", { code: "busy" }),
  );
}
