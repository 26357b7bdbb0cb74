import { DirectoryError } from "../errors.ts";
import type { Result } from "./responses.ts";

/** Result codes (RFC 4511 appendix A) that mean something here. Every other one is `refused`. */
export const SUCCESS = 0;
export const SIZE_LIMIT_EXCEEDED = 4;
const TIME_LIMIT_EXCEEDED = 3;
const COMPARE_FALSE = 5;
const COMPARE_TRUE = 6;
export const REFERRAL = 10;
const ADMIN_LIMIT_EXCEEDED = 11;
const NO_SUCH_ATTRIBUTE = 16;
const CONSTRAINT_VIOLATION = 19;
const NO_SUCH_OBJECT = 32;
const INAPPROPRIATE_AUTHENTICATION = 48;
const INVALID_CREDENTIALS = 49;
const BUSY = 51;
const UNAVAILABLE = 52;

/** The server cannot work at the moment: another one may. */
export function isServerTrouble(code: number): boolean {
  return code === BUSY || code === UNAVAILABLE;
}

/** The error for a result that is neither a success nor an answer. A referral (10) is one, unless it may be followed. */
export function resultError(server: string, result: Result): DirectoryError {
  const { code: resultCode, text } = result;
  const message = `${server} answered with result code ${resultCode}${text && `: ${text}`}`;
  if (resultCode === REFERRAL) return new Referred(message, result.referral ?? []);
  return new DirectoryError(message, { code: errorCode(resultCode), resultCode });
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

/**
 * The verdict on a person's password. False for a wrong one (49), an entry without a usable one (48), an entry that is gone (32),
 * and too many wrong ones (19, as 389 Directory Server says it; httpd takes it so too). Throws for everything else, which says nothing about the password.
 */
export function passwordVerdict(server: string, result: Result): boolean {
  if (result.code === SUCCESS) return true;
  if (REFUSALS.has(result.code)) return false;
  throw resultError(server, result);
}

const REFUSALS: ReadonlySet<number | undefined> = new Set([
  INVALID_CREDENTIALS,
  INAPPROPRIATE_AUTHENTICATION,
  CONSTRAINT_VIOLATION,
  NO_SUCH_OBJECT,
]);

/** Whether a question that was asked as somebody failed because their bind was refused: a verdict like `passwordVerdict`'s no. */
export function refusesCredentials(error: unknown): boolean {
  return error instanceof BindRefused && REFUSALS.has(error.resultCode);
}

/** The bind as the person who asks was refused, not the question. */
export class BindRefused extends DirectoryError {}

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
