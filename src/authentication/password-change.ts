import type { AccountState } from "../directory/account-answer.ts";
import type { DirectoryError } from "../errors.ts";
import type { RefusalReason } from "./credentials.ts";
import type { Person } from "./person.ts";

/** Somebody's wish for a new password. */
export interface PasswordChange {
  readonly username: string;
  readonly oldPassword: string;
  readonly newPassword: string;
}

/**
 * What became of it. `changed` tells whose it is, as their logins have to end; so does `perhaps-changed`, where the answer was lost. `refused`: the directory's own policy does not want the new password; `text` is what the server says about it, for the visitor,
 * where it says anything. `state`: the old password is right, and the account's state does not allow a change.
 */
export type PasswordChangeResult =
  | { readonly outcome: "changed"; readonly person: Person }
  | {
      readonly outcome: "perhaps-changed";
      readonly person: Person;
      readonly error: DirectoryError;
    }
  | { readonly outcome: "wrong-credentials"; readonly reason: RefusalReason }
  | { readonly outcome: "refused"; readonly text: string | undefined }
  | { readonly outcome: "not-possible"; readonly state: AccountState | undefined };
