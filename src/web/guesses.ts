import { TooManyTries } from "../authentication/provider.ts";
import type { Log } from "../log.ts";
import { type Attempt, createThrottle } from "./throttle.ts";
import type { WebSettings } from "./web-settings.ts";

/** There were too many wrong passwords: nobody was asked. `retryAfter` in seconds. */
export interface TooMany {
  readonly outcome: "too-many";
  readonly retryAfter: number;
}

/** What an answer makes of the password: `unchecked` where nobody said, or had said before. */
export type Verdict = "right" | "wrong" | "unchecked";

/** Whose password is tried, and from where. */
export interface Guess {
  readonly username: string;
  readonly address: string | undefined;
}

/**
 * Asks somebody who checks a password, for a login or a change of it, if that may be, and counts what comes of it. `ask` hands on the attempt as the
 * admission.
 */
export type CountGuess = <Answer>(
  guess: Guess,
  ask: (attempt: Attempt | undefined) => Promise<Answer>,
  verdictOf: (answer: Answer) => Verdict,
) => Promise<Answer | TooMany>;

/** One for all the ways in: what is guessed at one counts for the others. */
export function countGuesses(settings: WebSettings, log: Log): CountGuess {
  if (!settings.throttle) return (_guess, ask) => ask(undefined);
  const throttle = createThrottle(settings.throttle, { log, redis: settings.redis });
  return async ({ username, address }, ask, verdictOf) => {
    const attempt = throttle.begin(username, address);
    if ("retryAfter" in attempt) return { outcome: "too-many", retryAfter: attempt.retryAfter };
    try {
      const answer = await ask(attempt);
      const verdict = verdictOf(answer);
      if (verdict === "right") attempt.succeeded();
      else if (verdict === "wrong") attempt.failed();
      else attempt.abandoned();
      return answer;
    } catch (error) {
      attempt.abandoned();
      if (!(error instanceof TooManyTries)) throw error;
      return { outcome: "too-many", retryAfter: error.retryAfter };
    }
  };
}
