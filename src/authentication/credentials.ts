import type { AccountState, PasswordWarning } from "../directory/account-answer.ts";
import type { PasswordCheck } from "../passwords/password-check.ts";
import type { Person } from "./person.ts";

/** A SASL mechanism: PLAIN (RFC 4616) is a name and a password, by form, JSON or HTTP Basic; CRAM-MD5 (RFC 2195); SCRAM-SHA-256 (RFC 5802, RFC 7677). */
export type Mechanism = "plain" | "cram-md5" | "scram-sha-256";

/** What somebody shows instead of their password: the answer to a challenge, which only who knows the password can give. */
export interface Proof {
  readonly mechanism: Exclude<Mechanism, "plain">;
  readonly username: string;
  /** Checks it against what is stored, a `{SCHEME}` value of that username, within `timeout` milliseconds. Never rejects. Default: 10,000. */
  check(stored: string, timeout?: number): Promise<PasswordCheck>;
}

/** What a visitor typed. Unchecked: `authenticate` refuses what is not acceptable before anything is sent. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/**
 * Why a login was refused; for the log only, the visitor always gets the same words.
 *
 * - `unacceptable-credentials`: empty, not a string, with a NUL or a lone surrogate, or longer than 1,024 bytes; a name
 *   that came with a request also if it is blank, has control characters, or more than 300 letters; nothing was sent
 * - `unknown-user`, `ambiguous-user`: the search found no entry, or more than one
 * - `unknown-base`: the URL's base does not exist, or the service account may not see it; it holds nobody, as in httpd
 * - `wrong-password`: the directory refused the bind, or a file's hash does not fit
 * - `unusable-password`: with `passwords: "stored"` there is no stored password, or one that can't be checked, or not with this mechanism
 * - `restricted`: the password was right, and a table of `restrictions` refuses
 * - an `AccountState`: the password was right, and the account may not be used, or not yet
 * - `unavailable`: a directory with `bindAuthoritative: false` could not be asked, and nobody else knew the name
 */
export type RefusalReason =
  | "unacceptable-credentials"
  | "unknown-user"
  | "ambiguous-user"
  | "unknown-base"
  | "wrong-password"
  | "unavailable"
  | "unusable-password"
  | "restricted"
  | AccountState;

/** The answer to "who is it?". */
export type AuthenticationResult =
  | {
      readonly ok: true;
      readonly person: Person;
      /** What they should know of their password. */
      readonly warning?: PasswordWarning;
    }
  | {
      readonly ok: false;
      readonly reason: RefusalReason;
      /** Only after the right password: why the account may not be used; may be shown to the visitor. */
      readonly state?: AccountState;
    };
