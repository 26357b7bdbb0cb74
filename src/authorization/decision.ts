import type { OperationReport } from "../directory/directory.ts";
import { DirectoryError } from "../errors.ts";
import type { Rule } from "./rule.ts";

/**
 * - `granted`: the only one that lets in
 * - `denied`: a clear no
 * - `no-user`: depends on who it is, and nobody is signed in (httpd's AUTHZ_DENIED_NO_USER)
 * - `neutral`: decides nothing (httpd's AUTHZ_NEUTRAL): a negated rule that does not hold; nobody gets in by it alone
 * - `undecided`: the directory could not be asked; neither a yes nor a no, also not for a rule that is negated
 */
export type Outcome = "granted" | "denied" | "no-user" | "neutral" | "undecided";

/** The answer to "may they?", and why. */
export interface Decision {
  readonly outcome: Outcome;
  /** One line for the log, never for the visitor. */
  readonly reason: string;
  /** What was decided here. */
  readonly rule?: Rule;
  /** The value, group or DN that made it hold. */
  readonly matched?: string;
  /** What was asked of the directory for it, in order. Absent if nothing was. */
  readonly operations?: readonly OperationReport[];
  /** Of a connective: its parts, as far as they were asked. */
  readonly parts?: readonly Decision[];
  /** Only of `undecided`: absent where asking again would change nothing. */
  readonly error?: DirectoryError;
}

export function granted(matched?: string): Decision {
  return matched === undefined ? GRANTED : { outcome: "granted", reason: "", matched };
}

export const GRANTED: Decision = { outcome: "granted", reason: "" };
export const NO_USER: Decision = { outcome: "no-user", reason: "nobody is signed in" };

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

/** There is no answer, and asking again changes nothing. Not a no, which a negation would turn into a yes. */
export function unanswerable(reason: string): Decision {
  return { outcome: "undecided", reason };
}

/**
 * Result codes that say that the question was wrong (no such attribute type, no such entry, not readable), not that the
 * server is in trouble: asking again later changes nothing. RFC 4511 section 4.1.9.
 */
const WRONG_QUESTION: ReadonlySet<number | undefined> = new Set([16, 17, 18, 21, 32, 34, 50]);

/** Whether asking again would change nothing about what could not be asked. */
export function isFinal({ error }: Decision): boolean {
  return (
    error === undefined || error.code === "no-such-object" || WRONG_QUESTION.has(error.resultCode)
  );
}

/**
 * The last word: only "granted" lets in, what decides nothing is a no, and what could not be asked because the question was wrong is
 * refused like any no (403, not 503).
 */
export function settle(decision: Decision): Decision {
  const { outcome } = decision;
  const isNo = outcome === "neutral" || (outcome === "undecided" && isFinal(decision));
  return isNo ? { ...decision, outcome: "denied" } : decision;
}

/** All that was asked of the directory for a decision, its parts included. */
export function operationsOf({
  operations = [],
  parts = [],
}: Decision): readonly OperationReport[] {
  return [...operations, ...parts.flatMap(operationsOf)];
}
