import type { AccountState } from "./account-answer.ts";
import { adSubCode, adUpdateError } from "./ad-sub-code.ts";
import { type PolicyAnswer, readPolicyAnswer } from "./password-policy.ts";
import type { ReceivedControl } from "./read-controls.ts";

/** What an answer to a bind, or to a new password, says besides its result code. Holds nothing of the server's own text. */
export interface ToldOfAccount {
  /** From the password policy's controls. */
  readonly policy?: PolicyAnswer;
  /** From Active Directory's text: the Windows error in hexadecimal. */
  readonly subCode?: string;
  /** From the text of 389 Directory Server or FreeIPA. */
  readonly state?: AccountState;
}

/** Whole texts, with result code 53. These servers send them before they look at the password. */
const TEXTS: ReadonlyMap<string, AccountState> = new Map([
  ["Account inactivated. Contact system administrator.", "account-disabled"],
  ["Account (Kerberos principal) is expired", "account-expired"],
  ["Too many failed logins.\n", "account-locked"],
  ["Entry permanently locked.\n", "account-locked"],
]);

/** Reads it before the text is thrown away; undefined if there is nothing of the kind. Throws `MalformedMessage`. */
export function readTold(
  operation: "bind" | "extended" | "modify",
  text: string,
  controls: readonly ReceivedControl[],
): ToldOfAccount | undefined {
  const policy = readPolicyAnswer(controls);
  const subCode = operation === "modify" ? adUpdateError(text) : adSubCode(text);
  const state = operation === "bind" ? TEXTS.get(text) : undefined;
  if (policy === undefined && subCode === undefined && state === undefined) return undefined;
  return {
    ...(policy && { policy }),
    ...(subCode !== undefined && { subCode }),
    ...(state && { state }),
  };
}
