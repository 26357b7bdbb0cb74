/**
 * Why an account may not be used although its password may be right. Stable codes, for answers and logs.
 *
 * - `account-disabled`: switched off by an administrator (AD 533, userAccountControl 2, nsAccountLock, pwdAccountLockedTime 000001010000Z)
 * - `account-locked`: too many wrong passwords (AD 775, ppolicy accountLocked)
 * - `account-expired`: past its end (AD 701, accountExpires, shadowExpire)
 * - `password-expired`: must be changed, and can't be used any more (AD 532, ppolicy passwordExpired)
 * - `must-change-password`: must be changed before anything else (AD 773, pwdLastSet 0, ppolicy changeAfterReset)
 * - `not-at-this-time`: outside its logon hours (AD 530)
 * - `not-from-here`: not from this computer (AD 531)
 */
export type AccountState =
  | "account-disabled"
  | "account-locked"
  | "account-expired"
  | "password-expired"
  | "must-change-password"
  | "not-at-this-time"
  | "not-from-here";

/** What somebody should know of their password, although it was accepted. */
export interface PasswordWarning {
  /** Seconds until it expires. */
  readonly expiresIn?: number;
  /** It has expired; it is accepted this many more times. */
  readonly graceLogins?: number;
}

/** What a server says to a bind with a person's password. */
export interface PasswordVerdict {
  /** The bind succeeded. */
  readonly accepted: boolean;
  /**
   * What is wrong with the account; told only to who has the right password. Where `accepted` is false, the password was right all the same,
   * and the server refuses it for this; where it is true, only changing the password is allowed (`must-change-password`).
   */
  readonly state?: AccountState;
  /** Only where it was accepted. */
  readonly warning?: PasswordWarning;
  /** A state that the server tells whatever the password was (a lockout): for the log, never for the visitor. */
  readonly untold?: AccountState;
}

/**
 * What became of a new password. `refused`: the directory's own policy does not want it; `text` is what the server says about it, for whoever typed it.
 * `not-possible`: `state` is why, where the account is the reason, else `resultCode` is what the server answered.
 */
export type PasswordChangeAnswer =
  | { readonly outcome: "changed" }
  | { readonly outcome: "wrong-password" }
  | { readonly outcome: "refused"; readonly text: string | undefined }
  | {
      readonly outcome: "not-possible";
      readonly state?: AccountState;
      readonly resultCode?: number;
    };
