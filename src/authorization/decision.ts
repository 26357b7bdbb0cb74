import { DirectoryError } from "../errors.ts";

/** The answer to "may they?". Only `granted` lets in. */
export type Decision =
  | { readonly outcome: "granted" }
  /** `reason` is for the log, never for the visitor. */
  | { readonly outcome: "denied"; readonly reason: string }
  /** The directory could not be asked: neither a yes nor a no, also not for a rule that is negated. */
  | { readonly outcome: "undecided"; readonly reason: string; readonly error: DirectoryError };

export const GRANTED: Decision = { outcome: "granted" };

export function denied(reason: string): Decision {
  return { outcome: "denied", reason };
}

/** Turns a yes or no into a decision. */
export function grantedIf(yes: boolean, reasonIfNot: string): Decision {
  return yes ? GRANTED : denied(reasonIfNot);
}

/** What a failure to ask means. Anything but the directory's own failure is a defect, and is thrown on. */
export function undecided(error: unknown, what: string): Decision {
  if (!(error instanceof DirectoryError)) throw error;
  return { outcome: "undecided", reason: `${what}: ${error.message}`, error };
}

/** What the service account can't see is no reason to say no. */
export function unseen(what: string): Decision {
  const error = new DirectoryError(`${what}: not readable`, { code: "no-such-object" });
  return { outcome: "undecided", reason: error.message, error };
}

/**
 * Result codes that say that the question was wrong (no such attribute type, no such entry, not readable), not that the
 * server is in trouble: asking again later changes nothing. RFC 4511 section 4.1.9.
 */
const WRONG_QUESTION: ReadonlySet<number | undefined> = new Set([16, 17, 18, 21, 32, 34, 50]);

/** The last word: what could not be asked because the question was wrong is refused like any no (403, not 503). */
export function settle(decision: Decision): Decision {
  if (decision.outcome !== "undecided") return decision;
  const { error, reason } = decision;
  const wrong = error.code === "no-such-object" || WRONG_QUESTION.has(error.resultCode);
  return wrong ? denied(reason) : decision;
}
