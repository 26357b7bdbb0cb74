import { element, integer } from "./ber-element.ts";
import type { Control } from "./message.ts";

/** The result codes this directory answers with (RFC 4511 appendix A). */
export const RESULT = {
  success: 0,
  operationsError: 1,
  protocolError: 2,
  sizeLimitExceeded: 4,
  compareFalse: 5,
  compareTrue: 6,
  authMethodNotSupported: 7,
  strongerAuthRequired: 8,
  referral: 10,
  unavailableCriticalExtension: 12,
  saslBindInProgress: 14,
  noSuchAttribute: 16,
  undefinedAttributeType: 17,
  inappropriateMatching: 18,
  constraintViolation: 19,
  attributeOrValueExists: 20,
  invalidAttributeSyntax: 21,
  noSuchObject: 32,
  aliasProblem: 33,
  invalidDnSyntax: 34,
  inappropriateAuthentication: 48,
  invalidCredentials: 49,
  insufficientAccessRights: 50,
  unavailable: 52,
  unwillingToPerform: 53,
  loopDetect: 54,
  namingViolation: 64,
  notAllowedOnNonLeaf: 66,
  entryAlreadyExists: 68,
  other: 80,
} as const;

/** How an operation ended (RFC 4511 section 4.1.9). */
export interface Result {
  readonly code: number;
  /** The deepest entry that exists, where the target does not. */
  readonly matchedDn?: string;
  readonly message?: string;
  /** The URLs of other servers (RFC 4511 section 4.1.10). */
  readonly referral?: readonly string[];
  readonly controls?: readonly Control[];
  /** Fields after the three common ones, encoded: an extended response's value. */
  readonly more?: Buffer;
}

/** The tag of the response that ends each operation; unbind and abandon have none. */
const RESPONSE_TAGS = {
  bind: 0x61,
  search: 0x65,
  modify: 0x67,
  add: 0x69,
  delete: 0x6b,
  "modify-dn": 0x6d,
  compare: 0x6f,
  extended: 0x78,
} as const;

/** An operation that is answered. */
export type AnsweredOperation = keyof typeof RESPONSE_TAGS;

/** Encodes the response that ends an operation. */
export function encodeResult(operation: AnsweredOperation, result: Result): Buffer {
  return element(
    RESPONSE_TAGS[operation],
    integer(result.code, 0x0a),
    element(0x04, result.matchedDn ?? ""),
    element(0x04, result.message ?? ""),
    ...(result.referral
      ? [element(0xa3, ...result.referral.map((url) => element(0x04, url)))]
      : []),
    ...(result.more ? [result.more] : []),
  );
}

/** The unsolicited "I am about to close" (RFC 4511 section 4.4.1). */
export function encodeNoticeOfDisconnection(code: number, message: string): Buffer {
  return encodeResult("extended", {
    code,
    message,
    more: element(0x8a, "1.3.6.1.4.1.1466.20036"),
  });
}
