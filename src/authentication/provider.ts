import type { AccountState, PasswordWarning } from "../directory/account-answer.ts";
import type { Deadline } from "../directory/deadline.ts";
import type { Credentials, Proof, RefusalReason } from "./credentials.ts";
import type { Person } from "./person.ts";

/** What one source of people says about credentials. */
export type ProviderResult =
  | { readonly outcome: "granted"; readonly person: Person; readonly warning?: PasswordWarning }
  /**
   * The person is known here, and this is not their password, or their account may not be used: nobody else is asked. `state` only after the
   * right password; then `person` tells whose it is.
   */
  | {
      readonly outcome: "denied";
      readonly reason: RefusalReason;
      readonly state?: AccountState;
      readonly person?: Person;
    }
  /** Nobody of that name here, or `person` whose password this is not: the next provider is asked. */
  | { readonly outcome: "unknown"; readonly reason: RefusalReason; readonly person?: Person };

/** Asked before each password is checked, whether it may be: counts tries. */
export interface Admission {
  /**
   * Rejects with `TooManyTries`. `identity` names the person for good, whatever spelling or attribute was typed; undefined where nobody
   * is known by what was typed. May be asked several times in one attempt, which counts as one.
   */
  admit(identity: string | undefined, deadline: Deadline): Promise<void>;
}

/** Too many wrong passwords: none is checked for now. */
export class TooManyTries extends Error {
  override readonly name = "TooManyTries";
  /** Seconds. */
  readonly retryAfter: number;

  constructor(retryAfter: number) {
    super("Too many wrong passwords.");
    this.retryAfter = retryAfter;
  }
}

/** What a look at somebody who logged in earlier says. */
export type RereadResult =
  | { readonly ok: true; readonly person: Person }
  | { readonly ok: false; readonly reason: SignOutReason };

/**
 * Why somebody may not stay logged in.
 *
 * - `gone`: their entry is not there any more, nor anywhere else below the base
 * - `replaced`: another entry stands in its place
 * - `no-match`: it does not match the URL's filter any more
 * - `no-provider`: the application does not ask the provider any more that they came from
 * - `restricted`: a table of `restrictions` refuses them now
 * - else the account's state
 */
export type SignOutReason =
  | "gone"
  | "replaced"
  | "no-match"
  | "no-provider"
  | "restricted"
  | AccountState;

/** A source of people: a directory or a password file (httpd's AuthBasicProvider). */
export interface Provider {
  /** Tells it from the others of a chain, also in a session: `ldap`, `file`, or an alias. */
  readonly name: string;
  /** Rejects with a `DirectoryError` if it could not say, and with `TooManyTries` as the admission does. */
  authenticate(
    credentials: Credentials,
    deadline: Deadline,
    admission?: Admission,
  ): Promise<ProviderResult>;
  /**
   * The same for who answers a challenge instead of sending the password. Absent where passwords can't be checked here. Rejects as `authenticate` does.
   */
  prove?(proof: Proof, deadline: Deadline, admission?: Admission): Promise<ProviderResult>;
  /**
   * The stored passwords of a name that count, each with its `{SCHEME}`, for a mechanism whose challenge depends on them; `[]` where there are none. Never
   * for the visitor. Absent where `prove` is. Rejects with a `DirectoryError`.
   */
  storedPasswords?(username: string, deadline: Deadline): Promise<readonly string[]>;
  /** Takes about as long as checking a wrong password, without asking about anybody. Rejects with a `DirectoryError`. */
  decoy(deadline: Deadline): Promise<void>;
  /** The same person, read again. Rejects with a `DirectoryError`. */
  reread(person: Person, deadline: Deadline): Promise<RereadResult>;
}
