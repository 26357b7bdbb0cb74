import type { ReceivedControl } from "./read-controls.ts";
import { BerReader, enterElement, MalformedMessage, readInteger } from "./read-element.ts";

/** Asks for, and holds, what the password policy says (draft-behera-ldap-password-policy-10 section 6). */
export const PASSWORD_POLICY = "1.3.6.1.4.1.42.2.27.8.5.1";
/** Netscape's controls, which 389 Directory Server and FreeIPA send without being asked. */
const NETSCAPE_EXPIRED = "2.16.840.1.113730.3.4.4";
const NETSCAPE_EXPIRING = "2.16.840.1.113730.3.4.5";

/** What a password policy wants to have said about a bind or a new password. */
export type PolicyError =
  | "password-expired"
  | "account-locked"
  | "change-after-reset"
  | "change-not-allowed"
  | "old-password-needed"
  | "quality"
  | "too-short"
  | "too-young"
  | "in-history";

/** All that the controls of one answer say. */
export interface PolicyAnswer {
  /** Those that are not known are left out: the result code says what counts. */
  readonly errors: ReadonlySet<PolicyError>;
  /** Netscape's: with a success it means that the password must be changed first. */
  readonly netscapeExpired: boolean;
  /** Seconds. */
  readonly expiresIn?: number;
  readonly graceLogins?: number;
}

/** By their number in the draft's section 6.2. */
const ERRORS: readonly PolicyError[] = [
  "password-expired",
  "account-locked",
  "change-after-reset",
  "change-not-allowed",
  "old-password-needed",
  "quality",
  "too-short",
  "too-young",
  "in-history",
];

const SEQUENCE = 0x30;
const WARNING = 0xa0;
const ERROR = 0x81;
const TIME_BEFORE_EXPIRATION = 0x80;
const GRACE_LOGINS = 0x81;

/**
 * Reads the password policy's controls; undefined if there is none of them. Of two of a kind all that both say counts, and of two warnings the more
 * urgent one. Throws `MalformedMessage` for one that can't be read: what it wanted to say may have been "not before a new password is set".
 */
export function readPolicyAnswer(controls: readonly ReceivedControl[]): PolicyAnswer | undefined {
  const errors = new Set<PolicyError>();
  let netscapeExpired = false;
  let expiresIn = Number.POSITIVE_INFINITY;
  let graceLogins = Number.POSITIVE_INFINITY;
  let isAny = false;
  for (const { type, value } of controls) {
    if (type === NETSCAPE_EXPIRED) {
      netscapeExpired = true;
    } else if (type === NETSCAPE_EXPIRING) {
      expiresIn = Math.min(expiresIn, readSeconds(value));
    } else if (type === PASSWORD_POLICY) {
      const one = readPolicy(value);
      if (one.error !== undefined) errors.add(one.error);
      expiresIn = Math.min(expiresIn, one.expiresIn ?? expiresIn);
      graceLogins = Math.min(graceLogins, one.graceLogins ?? graceLogins);
    } else {
      continue;
    }
    isAny = true;
  }
  if (!isAny) return undefined;
  return {
    errors,
    netscapeExpired,
    ...(Number.isFinite(expiresIn) ? { expiresIn } : {}),
    ...(Number.isFinite(graceLogins) ? { graceLogins } : {}),
  };
}

interface Policy {
  error?: PolicyError;
  expiresIn?: number;
  graceLogins?: number;
}

/** PasswordPolicyResponseValue. Servers leave the value away, or empty, where there is nothing to say. */
function readPolicy(value: Buffer | undefined): Policy {
  const policy: Policy = {};
  if (value === undefined || value.length === 0) return policy;
  const outer = new BerReader(value);
  const reader = enterElement(outer, SEQUENCE);
  if (outer.remain > 0) throw new MalformedMessage("bytes after the password policy's answer");
  if (reader.peek() === WARNING) {
    const warning = enterElement(reader, WARNING);
    const isGrace = warning.peek() === GRACE_LOGINS;
    const number = readInteger(warning, isGrace ? GRACE_LOGINS : TIME_BEFORE_EXPIRATION);
    if (warning.remain > 0) throw new MalformedMessage("more than one warning");
    // A number below 0 is nothing to be told of.
    if (number >= 0 && isGrace) policy.graceLogins = number;
    else if (number >= 0) policy.expiresIn = number;
  }
  if (reader.peek() === ERROR) {
    const error = ERRORS[readInteger(reader, ERROR)];
    if (error !== undefined) policy.error = error;
  }
  if (reader.remain > 0)
    throw new MalformedMessage("an unknown part of a password policy's answer");
  return policy;
}

/** Seconds as digits. It is only a warning: what is no number is left out. */
function readSeconds(value: Buffer | undefined): number {
  const text = value?.length && value.length <= 10 ? value.toString("latin1") : "";
  return /^[0-9]+$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY;
}
