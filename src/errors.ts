/**
 * The configuration can't work. Thrown while starting (or by the first request that meets what could not be known at
 * start), never because of what a visitor or a directory sent. The message names the option and the fix.
 */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code = "ERR_AUTHNZ_LDAP_CONFIG";
  /** The option that is wrong, as it is written in the code: `"url"`, `"login.path"`. */
  readonly option: string | undefined;

  constructor(message: string, options?: ErrorOptions & { readonly option?: string }) {
    super(message, options);
    this.option = options?.option;
  }
}

/**
 * Why the directory could not say yes or no. Compare these, not messages.
 *
 * - `unreachable`: no server accepted a connection, or the connection broke; or a password or group file can't be read
 * - `timeout`: no answer within the request's time budget or the operation's deadline
 * - `tls`: the server's certificate or its TLS is not acceptable, or StartTLS was refused or tampered with
 * - `service-account`: the directory refused `bindDn` / `bindPassword`, or the password could not be read
 * - `busy`: all bind connections are in use and the queue is full
 * - `protocol`: the server sent what is not LDAP, or more than is acceptable
 * - `no-such-object`: the entry or search base does not exist, or the service account may not see it
 * - `limit`: the server's size, time or administrative limit cut the answer short
 * - `refused`: the server answered with any other result code (`resultCode`); or a table's question is none: a filter or an LDAP URL that can't be read
 * - `closed`: `close()` was called
 */
export type DirectoryErrorCode =
  | "unreachable"
  | "timeout"
  | "tls"
  | "service-account"
  | "busy"
  | "protocol"
  | "no-such-object"
  | "limit"
  | "refused"
  | "closed";

/**
 * The directory could not be asked, or did not answer the question: neither a yes nor a no. Answered with 503 and
 * Retry-After, never with 401 and never by letting in.
 */
export class DirectoryError extends Error {
  override readonly name = "DirectoryError";
  readonly code: DirectoryErrorCode;
  /** The LDAP result code (RFC 4511 section 4.1.9) where the server gave one. */
  readonly resultCode: number | undefined;

  constructor(
    message: string,
    options: ErrorOptions & { readonly code: DirectoryErrorCode; readonly resultCode?: number },
  ) {
    super(message, options);
    this.code = options.code;
    this.resultCode = options.resultCode;
  }
}
