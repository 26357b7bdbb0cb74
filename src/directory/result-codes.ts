import { DirectoryError } from "../errors.ts";
import type { OperationEvent } from "../events.ts";
import type { AccountState } from "./account-answer.ts";
import type { Result } from "./responses.ts";

/** Result codes (RFC 4511 appendix A) that mean something here. Every other one is `refused`. */
export const SUCCESS = 0;
export const SIZE_LIMIT_EXCEEDED = 4;
const OPERATIONS_ERROR = 1;
const TIME_LIMIT_EXCEEDED = 3;
const COMPARE_FALSE = 5;
const COMPARE_TRUE = 6;
export const REFERRAL = 10;
const ADMIN_LIMIT_EXCEEDED = 11;
const NO_SUCH_ATTRIBUTE = 16;
export const CONSTRAINT_VIOLATION = 19;
const NO_SUCH_OBJECT = 32;
const INAPPROPRIATE_AUTHENTICATION = 48;
export const INVALID_CREDENTIALS = 49;
const BUSY = 51;
const UNAVAILABLE = 52;
export const UNWILLING_TO_PERFORM = 53;
const OTHER = 80;

/** The server cannot work at the moment: another one may. */
export function isServerTrouble(code: number): boolean {
  return code === BUSY || code === UNAVAILABLE;
}

/** It says nothing of who asks: the server failed (`operationsError`, `other`), or ran into a limit of its own. */
export function isServerFailure(code: number): boolean {
  return isServerTrouble(code) || SERVER_FAILURES.has(code);
}

const SERVER_FAILURES: ReadonlySet<number> = new Set([
  OPERATIONS_ERROR,
  TIME_LIMIT_EXCEEDED,
  ADMIN_LIMIT_EXCEEDED,
  OTHER,
]);

/** The error for a result that is neither a success nor an answer. A referral (10) is one, unless it may be followed. */
export function resultError(server: string, result: Result): DirectoryError {
  const { code: resultCode, text } = result;
  const message = `${server} answered with result code ${resultCode}${text && `: ${text}`}`;
  if (resultCode === REFERRAL) return new Referred(message, result.referral ?? []);
  return new DirectoryError(message, { code: errorCode(resultCode), resultCode });
}

/** How an operation ended, in one word. */
export function resultName(operation: string, code: number): OperationEvent["result"] {
  switch (code) {
    case SUCCESS:
    case COMPARE_FALSE:
    case COMPARE_TRUE:
      return "success";
    case NO_SUCH_ATTRIBUTE:
      return operation === "compare" ? "success" : "refused";
    default:
      return operation === "bind" && REFUSALS.has(code) ? "refused-bind" : errorCode(code);
  }
}

function errorCode(resultCode: number): "limit" | "no-such-object" | "refused" {
  switch (resultCode) {
    case TIME_LIMIT_EXCEEDED:
    case SIZE_LIMIT_EXCEEDED:
    case ADMIN_LIMIT_EXCEEDED:
      return "limit";
    case NO_SUCH_OBJECT:
      return "no-such-object";
    default:
      return "refused";
  }
}

/** Whether a bind's result is the server's no to a name and password, and not a failure. */
export function isRefusal(code: number): boolean {
  return REFUSALS.has(code);
}

const REFUSALS: ReadonlySet<number | undefined> = new Set([
  INVALID_CREDENTIALS,
  INAPPROPRIATE_AUTHENTICATION,
  CONSTRAINT_VIOLATION,
  NO_SUCH_OBJECT,
]);

/** Whether a question that was asked as somebody failed because their bind was refused: a no like that of `isRefusal`. */
export function refusesCredentials(error: unknown): error is BindRefused {
  return error instanceof BindRefused && REFUSALS.has(error.resultCode);
}

/** The bind as the person who asks was refused, not the question. */
export class BindRefused extends DirectoryError {
  /** Why the account may not be used, where the password is right. */
  readonly state: AccountState | undefined;

  constructor(
    message: string,
    { state, ...options }: { readonly resultCode?: number; readonly state?: AccountState } = {},
  ) {
    super(message, { code: "refused", ...options });
    this.state = state;
  }
}

/** The server holds nothing of it and names others that may (RFC 4511 section 4.1.10). Where nobody goes there, it is a refusal. */
export class Referred extends DirectoryError {
  /** Out of sight of logs: they are the server's text, and could repeat what it was sent. */
  readonly #urls: readonly string[];

  constructor(message: string, urls: readonly string[]) {
    super(message, { code: "refused", resultCode: REFERRAL });
    this.#urls = urls;
  }

  get urls(): readonly string[] {
    return this.#urls;
  }
}

/** The person who asks is another server's. */
export class BindReferred extends Referred {}

/** False also where the entry lacks the attribute (16). */
export function compareVerdict(server: string, result: Result): boolean {
  switch (result.code) {
    case COMPARE_TRUE:
      return true;
    case COMPARE_FALSE:
    case NO_SUCH_ATTRIBUTE:
      return false;
    default:
      throw resultError(server, result);
  }
}
