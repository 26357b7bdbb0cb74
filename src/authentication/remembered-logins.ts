import { hash, randomBytes } from "node:crypto";
import type { Deadline } from "../directory/deadline.ts";
import type { CacheEvent, Observe } from "../events.ts";
import { openLru } from "../lru.ts";
import { areAcceptable } from "./acceptable-credentials.ts";
import type { ChainResult } from "./chain.ts";
import type { Changes } from "./changes.ts";
import type { Credentials, RefusalReason } from "./credentials.ts";
import { identityOf, type Person } from "./person.ts";
import type { Admission } from "./provider.ts";

/** How long answers about passwords are remembered, in milliseconds, and about how many names. */
export interface LoginMemorySettings {
  readonly ttl: number;
  readonly wrongPasswordTtl: number;
  readonly size: number;
}

/** `remembered`: an equal password was checked a moment ago, or was being checked, so this is no new guess. */
export type RememberedResult<Result extends ChainResult = ChainResult> = Result & {
  readonly remembered?: true;
  /** When the question was sent, in milliseconds of `performance.now()`; of one that joined an equal one, that one's. */
  readonly askedAt?: number;
};

/** Logins that are remembered for a short while. */
export interface LoginMemory<Result extends ChainResult = ChainResult> {
  /**
   * What is remembered of this name and this password; undefined means: ask. For HTTP Basic, whose every request is a login. A session must not be
   * begun with it: it would outlive what was remembered.
   */
  recall(credentials: Credentials): RememberedResult<Result> | undefined;
  /** Forgets what is remembered of a name, as it was typed. */
  forget(username: string): void;
  /** Asks who somebody is, and remembers the answer. Rejects as `Authenticate` does. */
  authenticate(
    credentials: Credentials,
    deadline: Deadline,
    admission?: Admission,
  ): Promise<RememberedResult<Result>>;
}

/** What it needs of those around it. */
export interface LoginMemorySurroundings<Result extends ChainResult = ChainResult> {
  /** As `Authenticate`; what it says besides is handed on. */
  readonly authenticate: (
    credentials: Credentials,
    deadline: Deadline,
    admission?: Admission,
  ) => Promise<Result>;
  readonly changes: Changes;
  readonly observe: Observe;
  /** Lets equal questions that are under way have one answer; waits no longer than the asker's deadline. */
  readonly share: (
    words: readonly string[],
    deadline: Deadline,
    ask: (deadline: Deadline) => Promise<RememberedResult<Result>>,
  ) => Promise<RememberedResult<Result>>;
}

interface Remembered<Result extends ChainResult> {
  /** When asking for it began: what has changed since is not in it. */
  readonly at: number;
  readonly digest: string;
  readonly result: RememberedResult<Result>;
  /** Whose password it is; of wrong ones nobody asks. */
  readonly person: Person | undefined;
}

interface Slot<Result extends ChainResult> {
  right?: Remembered<Result> | undefined;
  wrong?: Remembered<Result> | undefined;
}

/**
 * Remembers right logins, and of each name the last wrong password, so that a client that repeats it locks no account. Passwords are
 * kept only as digests under a key of this process. A wrong password drops all that is remembered of the person, and so does a change in the
 * directory. People of password files are not remembered. `settings` false remembers nothing; equal logins under way are one all the same.
 */
export function rememberLogins<Result extends ChainResult>(
  { authenticate, changes, observe, share }: LoginMemorySurroundings<Result>,
  settings: LoginMemorySettings | false,
): LoginMemory<Result> {
  const secret = randomBytes(32).toString("base64");
  const size = settings === false ? 1 : settings.size;
  const slots = openLru<Slot<Result>>(size);
  /** When a wrong password was last given for a person, by whatever name. */
  const wrongAt = openLru<number>(size);

  function digestOf({ username, password }: Credentials): string {
    // A secret before the text is as good as an HMAC where nobody gets to see a digest, and takes a sixth of its time. The time of a comparison
    // tells nothing of text whose digest nobody can work out.
    return hash("sha256", `${secret}${username.length} ${username}${password}`, "hex");
  }

  function isRemembered(
    known: Remembered<Result> | undefined,
    ttl: number,
    digest: string,
    now: number,
  ): known is Remembered<Result> {
    return known !== undefined && isFresh(known, ttl, now) && known.digest === digest;
  }

  function isFresh({ at, person, result }: Remembered<Result>, ttl: number, now: number): boolean {
    if (now - at >= ttl) return false;
    // Where the directory writes down each wrong password, the check itself is a change: it must not end what keeps the account from being locked.
    if (!result.ok || person === undefined) return true;
    return changes.lastOf(person) <= at && (wrongAt.get(identityOf(person)) ?? 0) <= at;
  }

  function note(username: string, digest: string, at: number, result: Result): void {
    const person = result.ok ? result.person : result.whose;
    if (result.ok) {
      if (result.person.dn === "") return;
      const shown: RememberedResult<Result> = { ...result, remembered: true };
      // A client that repeats a wrong password must not be forgotten because its owner signs in beside it.
      const { wrong } = slots.get(username) ?? {};
      slots.set(username, { wrong, right: { at, digest, person, result: shown } });
    } else if (GUESSES.has(result.reason)) {
      if (person) wrongAt.set(identityOf(person), performance.now());
      const shown: RememberedResult<Result> = { ...result, remembered: true };
      slots.set(username, { wrong: { at, digest, person, result: shown } });
    } else {
      // A state, or a table's no, may be gone with the next try.
      slots.delete(username);
    }
  }

  return {
    recall(credentials) {
      if (settings === false) return undefined;
      const slot = slots.get(credentials.username);
      // What has no UTF-8 could have another text's digest.
      if (slot && areAcceptable(credentials)) {
        const now = performance.now();
        const digest = digestOf(credentials);
        const { right, wrong } = slot;
        if (isRemembered(right, settings.ttl, digest, now)) {
          observe(LOGIN_HIT);
          return right.result;
        }
        if (isRemembered(wrong, settings.wrongPasswordTtl, digest, now)) {
          observe(WRONG_HIT);
          return wrong.result;
        }
      }
      observe(LOGIN_MISS);
      return undefined;
    },

    forget: (username) => void slots.delete(username),

    async authenticate(credentials, deadline, admission) {
      if (!areAcceptable(credentials)) return authenticate(credentials, deadline, admission);
      const { username, password } = credentials;
      let isOwn = false;
      const result = await share([username, password], deadline, async (own) => {
        isOwn = true;
        const at = performance.now();
        const answer = await authenticate(credentials, own, admission);
        if (settings !== false) note(username, digestOf(credentials), at, answer);
        return { ...answer, askedAt: at };
      });
      return isOwn ? result : { ...result, remembered: true };
    },
  };
}

/** Also of a name that nobody has, or that has no password: a repeated guess must not tell by its time which names exist. */
const GUESSES: ReadonlySet<RefusalReason> = new Set([
  "wrong-password",
  "unusable-password",
  "unknown-user",
  "ambiguous-user",
]);

const LOGIN_HIT: CacheEvent = Object.freeze({ type: "cache", cache: "login", hit: true });
const LOGIN_MISS: CacheEvent = Object.freeze({ type: "cache", cache: "login", hit: false });
const WRONG_HIT: CacheEvent = Object.freeze({ type: "cache", cache: "wrong-password", hit: true });
