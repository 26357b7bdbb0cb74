/**
 * Why a password was not found to be the stored one.
 *
 * - `mismatch`: it is another one
 * - `no-scheme`: the stored value has no `{SCHEME}`, and there is no default scheme
 * - `unknown-scheme`: nobody here can check this scheme
 * - `malformed`: the scheme is known, and what follows is not what it writes
 * - `too-expensive`: its cost parameters are above what is computed for a visitor
 * - `unavailable`: too many passwords are being checked, or it took too long: neither yes nor no
 */
export type PasswordRefusal =
  | "mismatch"
  | "no-scheme"
  | "unknown-scheme"
  | "malformed"
  | "too-expensive"
  | "unavailable";

/** Whether a password is the one that a stored value was made of. */
export type PasswordCheck =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: PasswordRefusal };

/** How a stored value is read. */
export interface VerifyOptions {
  /** Whose password it is, as DIGEST-MD5 has it in the hash: `user@realm`. Default: `""`. */
  readonly username?: string;
  /** The scheme of values without `{SCHEME}` (Dovecot's default_pass_scheme). Default: none; such values are refused. */
  readonly defaultScheme?: string;
  /** Milliseconds that an expensive scheme may take, waiting included; then `unavailable`. Default: 10,000. */
  readonly timeout?: number;
}
