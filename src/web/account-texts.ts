import type { AccountState, PasswordWarning } from "../directory/account-answer.ts";

/** The words for what is wrong with an account, by its code, and for what somebody should know of their password. Plain text. */
export type AccountTexts = { readonly [State in AccountState]?: string } & {
  readonly warning?: (warning: PasswordWarning) => string;
};

/** The codes that have words. */
export const ACCOUNT_STATES: readonly AccountState[] = [
  "account-disabled",
  "account-locked",
  "account-expired",
  "password-expired",
  "must-change-password",
  "not-at-this-time",
  "not-from-here",
];
