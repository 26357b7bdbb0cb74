import type { AccountState, PasswordVerdict, PasswordWarning } from "./account-answer.ts";
import type { PolicyAnswer } from "./password-policy.ts";
import type { Result } from "./responses.ts";
import {
  CONSTRAINT_VIOLATION,
  INVALID_CREDENTIALS,
  isRefusal,
  resultError,
  SUCCESS,
  UNWILLING_TO_PERFORM,
} from "./result-codes.ts";

/**
 * What the answer to a bind says of a person's password and account. Not accepted are a wrong password (49), an entry without a usable one (48), an entry that is gone
 * (32), too many wrong ones (19, as 389 Directory Server says it; httpd takes it so too), and 53 where the server says that it is the account. Throws for
 * everything else, which says nothing about the password.
 */
export function passwordVerdict(server: string, result: Result): PasswordVerdict {
  if (result.code === SUCCESS) return acceptedVerdict(result.told?.policy);
  if (isRefusal(result.code)) return refusedVerdict(result);
  const untold = result.code === UNWILLING_TO_PERFORM ? stateBeforePassword(result) : undefined;
  if (untold !== undefined) return { accepted: false, untold };
  throw resultError(server, result);
}

function acceptedVerdict(policy: PolicyAnswer | undefined): PasswordVerdict {
  if (policy === undefined) return { accepted: true };
  const { errors, netscapeExpired, graceLogins } = policy;
  // A success that contradicts itself lets nobody in.
  if (errors.has("account-locked")) return { accepted: false, state: "account-locked" };
  const isExpired = errors.has("password-expired") || netscapeExpired;
  // 389 says "expired" with each grace login, too, and with a password that must be changed first.
  if (errors.has("change-after-reset") || (isExpired && graceLogins === undefined)) {
    return { accepted: true, state: "must-change-password" };
  }
  const warning = warningOf(policy);
  return { accepted: true, ...(warning && { warning }) };
}

function warningOf({ expiresIn, graceLogins }: PolicyAnswer): PasswordWarning | undefined {
  if (graceLogins !== undefined) return { graceLogins };
  return expiresIn === undefined ? undefined : { expiresIn };
}

function refusedVerdict(result: Result): PasswordVerdict {
  const { code, told } = result;
  if (code !== INVALID_CREDENTIALS) {
    const untold = code === CONSTRAINT_VIOLATION ? "account-locked" : stateBeforePassword(result);
    return { accepted: false, ...(untold && { untold }) };
  }
  const { policy, subCode } = told ?? {};
  const untold = UNTOLD_SUB_CODES.get(subCode) ?? stateBeforePassword(result);
  if (untold !== undefined) return { accepted: false, untold };
  const isExpired = policy?.errors.has("password-expired") || policy?.netscapeExpired;
  const state = isExpired ? "password-expired" : SUB_CODES.get(subCode);
  return { accepted: false, ...(state && { state }) };
}

/** What servers tell before they look at the password, so that it may be a wrong one. */
function stateBeforePassword({ told }: Result): AccountState | undefined {
  if (told?.state !== undefined) return told.state;
  const { errors } = told?.policy ?? {};
  if (errors?.has("account-locked")) return "account-locked";
  // Servers let somebody in for this; one that refuses with it need not have looked at the password.
  return errors?.has("change-after-reset") ? "must-change-password" : undefined;
}

/** Windows errors that Active Directory tells only to who has the right password; 525 and 52e are a wrong name or password. */
const SUB_CODES: ReadonlyMap<string | undefined, AccountState> = new Map([
  ["530", "not-at-this-time"],
  ["531", "not-from-here"],
  ["532", "password-expired"],
  ["533", "account-disabled"],
  ["701", "account-expired"],
  ["773", "must-change-password"],
]);

/** A lockout, which it tells whatever the password was. */
const UNTOLD_SUB_CODES: ReadonlyMap<string | undefined, AccountState> = new Map([
  ["775", "account-locked"],
]);
