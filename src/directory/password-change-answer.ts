import { DirectoryError } from "../errors.ts";
import type { PasswordChangeAnswer } from "./account-answer.ts";
import type { PolicyError } from "./password-policy.ts";
import type { Result } from "./responses.ts";
import {
  CONSTRAINT_VIOLATION,
  INVALID_CREDENTIALS,
  isServerFailure,
  resultError,
  SUCCESS,
} from "./result-codes.ts";

/** Windows errors, in hexadecimal. */
const INVALID_PASSWORD = "56";
const PASSWORD_RESTRICTION = "52d";

/** What came of a new password that was sent, in either way. Throws a `DirectoryError` where the server failed. */
export function passwordChangeAnswer(server: string, result: Result): PasswordChangeAnswer {
  const { code, said, told } = result;
  if (code === SUCCESS) return { outcome: "changed" };
  if (isServerFailure(code)) throw resultError(server, result);
  const { policy, subCode } = told ?? {};
  if (code === INVALID_CREDENTIALS || subCode === INVALID_PASSWORD) {
    return { outcome: "wrong-password" };
  }
  const error = [...(policy?.errors ?? [])].find((one) => WORDS.has(one));
  const text = said ?? WORDS.get(error);
  if (error !== undefined || subCode === PASSWORD_RESTRICTION) return { outcome: "refused", text };
  // 389 Directory Server, FreeIPA and others without the control.
  if (code === CONSTRAINT_VIOLATION && subCode === undefined) return { outcome: "refused", text };
  return { outcome: "not-possible", resultCode: code };
}

/** For a server that says it only in its control. */
const WORDS: ReadonlyMap<PolicyError | undefined, string> = new Map([
  ["change-not-allowed", "You may not change this password."],
  ["old-password-needed", "The old password is needed."],
  ["quality", "The password is too simple."],
  ["too-short", "The password is too short."],
  ["too-young", "The password was changed too short a time ago."],
  ["in-history", "The password was used before."],
]);

/** A new password was sent, and nobody knows whether it has arrived. */
export class PerhapsChanged extends DirectoryError {}

/** The same error, where the new password was on its way: nobody knows whether it has arrived. */
export function unknownOutcome(error: DirectoryError): PerhapsChanged {
  const { code, resultCode, message } = error;
  return new PerhapsChanged(`${message}; it is not known whether the password was changed`, {
    code,
    cause: error,
    ...(resultCode === undefined ? {} : { resultCode }),
  });
}
