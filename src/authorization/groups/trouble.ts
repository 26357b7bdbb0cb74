import { DirectoryError, type DirectoryErrorCode } from "../../errors.ts";
import { type Decision, isFinal, unanswerable, undecided } from "../decision.ts";

const OPERATIONS_ERROR = 1;
const REFERRAL = 10;
const UNDEFINED_ATTRIBUTE_TYPE = 17;
const INVALID_ATTRIBUTE_SYNTAX = 21;
const INVALID_DN_SYNTAX = 34;

/** The directory's own answers to one question; after all others the next question would fare no better. */
const ANSWERS: readonly DirectoryErrorCode[] = ["no-such-object", "refused", "limit"];

/** Whether asking something else is of any use after this. */
export function isHopeless(error: unknown): boolean {
  return !(error instanceof DirectoryError) || !ANSWERS.includes(error.code);
}

/** The server could not make sense of the question, and says no more. */
export function isOperationsError(error: unknown): boolean {
  return error instanceof DirectoryError && error.resultCode === OPERATIONS_ERROR;
}

/** The server knows no attribute of that name. */
export function isUnknownAttribute(error: unknown): boolean {
  return error instanceof DirectoryError && error.resultCode === UNDEFINED_ATTRIBUTE_TYPE;
}

/** The server knows no object class of that name, as slapd says it. */
export function isUnknownClass(error: unknown): boolean {
  return error instanceof DirectoryError && error.resultCode === INVALID_ATTRIBUTE_SYNTAX;
}

/** A member that is not there, or whose value is no DN. */
export function isDangling(error: unknown): boolean {
  return (
    error instanceof DirectoryError &&
    (error.code === "no-such-object" || error.resultCode === INVALID_DN_SYNTAX)
  );
}

/** Collects what could not be asked on the way to an answer. */
export interface Troubles {
  /** Rethrows what is no `DirectoryError`. */
  add(error: unknown, what: string): void;
  /** What could not be asked, and never will be. */
  addFinal(reason: string): void;
  /** Nothing more is to be asked. */
  readonly isOver: boolean;
  /** What is left of a "no": undefined if everything could be asked. */
  readonly decision: Decision | undefined;
}

export function collectTroubles(): Troubles {
  let isOver = false;
  let worst: Decision | undefined;
  const note = (next: Decision) => {
    // What asking again may change is to be told: the answer is 503 then, not 403.
    if (worst === undefined || (isFinal(worst) && !isFinal(next))) worst = next;
  };
  return {
    add(error, what) {
      const next = undecided(error, what);
      isOver ||= isHopeless(error);
      // Another server's: it does not get better by asking this one again.
      const isElsewhere = error instanceof DirectoryError && error.resultCode === REFERRAL;
      note(isElsewhere ? unanswerable(next.reason) : next);
    },
    addFinal: (reason) => note(unanswerable(reason)),
    get isOver() {
      return isOver;
    },
    get decision() {
      return worst;
    },
  };
}
