import type { Deadline } from "../directory/deadline.ts";
import { DirectoryError } from "../errors.ts";
import { addressKey, nameKey } from "./throttle-keys.ts";
import type { WebSettings } from "./web-settings.ts";
import { within } from "./within.ts";

/** An address may be wrong this many times as often as a name: many people share one behind a NAT. */
const NAMES_PER_ADDRESS = 10;
const MOST_KEYS = 100_000;

/** A try that was let through. Say once how it ended. */
export interface Attempt {
  /** The password was right: the name's failures are forgotten, the address's are not. */
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
}

interface Counter {
  failures: number;
  underWay: number;
  /** When the failures are forgotten. */
  readonly end: number;
  waiting: (() => void)[];
}

/** Counts wrong passwords by name and by address, each in a fixed window. `now` in milliseconds. */
export function createThrottle(
  settings: Exclude<WebSettings["throttle"], false>,
  now: () => number = () => performance.now(),
): Throttle {
  const counters = new Map<string, Counter>();

  function counterOf(key: string): Counter {
    const known = counters.get(key);
    if (known && known.end > now()) return known;
    counters.delete(key);
    const counter = { failures: 0, underWay: 0, end: now() + settings.window, waiting: [] };
    counters.set(key, counter);
    if (counters.size > MOST_KEYS) counters.delete(counters.keys().next().value ?? "");
    return counter;
  }

  function settle(key: string, counter: Counter): void {
    counter.underWay--;
    for (const wake of counter.waiting.splice(0)) wake();
    const idle = counter.failures === 0 && counter.underWay === 0;
    if (idle && counters.get(key) === counter) counters.delete(key);
  }

  return {
    async begin(username, address, deadline) {
      const limits = [
        { key: nameKey(username), limit: settings.failures },
        { key: addressKey(address), limit: settings.failures * NAMES_PER_ADDRESS },
      ] as const;
      for (;;) {
        const [name, from] = limits.map(({ key, limit }) => ({
          key,
          limit,
          counter: counterOf(key),
        })) as [Place, Place];
        const spent = [name, from].filter(({ counter, limit }) => counter.failures >= limit);
        if (spent.length > 0) {
          const end = Math.max(...spent.map(({ counter }) => counter.end));
          return { retryAfter: Math.max(1, Math.ceil((end - now()) / 1000)) };
        }
        const full = [name, from].find(isFull);
        if (full) {
          await changeOf(full.counter, deadline);
          continue;
        }
        name.counter.underWay++;
        from.counter.underWay++;
        return attemptOf(name, from);
      }
    },
  };

  function attemptOf(name: Place, from: Place): Attempt {
    const end = () => {
      settle(name.key, name.counter);
      settle(from.key, from.counter);
    };
    return {
      succeeded() {
        name.counter.failures = 0;
        end();
      },
      failed() {
        name.counter.failures++;
        from.counter.failures++;
        end();
      },
      abandoned: end,
    };
  }
}

interface Place {
  readonly key: string;
  readonly limit: number;
  readonly counter: Counter;
}

function isFull({ counter, limit }: Place): boolean {
  return counter.failures + counter.underWay >= limit;
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
