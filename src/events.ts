import type { DirectoryErrorCode } from "./errors.ts";

/** What an instance tells of itself while it works, see docs/events.md. No event holds a password, session id, cookie or filter value. */
export type LdapEvent =
  | LoginEvent
  | RefusalEvent
  | DecisionEvent
  | RestrictionEvent
  | OperationEvent
  | RevocationEvent
  | FailoverEvent
  | PoolEvent
  | CacheEvent
  | WatchEvent;

/** A name and a password were right: of the login form, or of a request with HTTP Basic. Times are milliseconds, everywhere. */
export interface LoginEvent {
  readonly type: "login";
  /** As typed, like all names here cut to 300 letters; what ends a line or moves a cursor is replaced by U+FFFD. */
  readonly username: string;
  /** Empty of somebody of a password file. */
  readonly dn: string;
  /** `req.ip`; undefined where that is no address, as it may be with `trust proxy`. */
  readonly address: string | undefined;
  /** `challenge`: the answer to one was right, and no password was sent. */
  readonly by: "form" | "basic" | "challenge";
  /** Answered from memory, without the directory. */
  readonly remembered: boolean;
  readonly milliseconds: number;
}

/** A login was refused, or nobody could say. */
export interface RefusalEvent {
  readonly type: "refusal";
  /** As typed, see `LoginEvent`. Empty where an `Authorization: Basic` header can't be read. */
  readonly username: string;
  readonly address: string | undefined;
  readonly by: "form" | "basic" | "challenge";
  /**
   * A `RefusalReason`; `too-many-attempts` (429); `unavailable` (503: the directory, or what counts tries, could not be asked); of what nobody was asked about:
   * `tls-required` (a password came over plain HTTP, `username` is empty), `unsupported-mechanism`, or `no-challenge` (the challenge was used before, is over,
   * or another session's).
   */
  readonly reason: string;
  readonly milliseconds: number;
}

/** A guard decided about a request; not where `allows` only asked what it would say. */
export interface DecisionEvent {
  readonly type: "decision";
  /** Undefined where nobody is signed in. */
  readonly username: string | undefined;
  readonly outcome: "granted" | "denied" | "no-user" | "undecided";
  /** The type of the guard's rule; `httpd` for the sections of an Apache configuration. */
  readonly rule: string;
  /** How many operations it took. */
  readonly operations: number;
  readonly milliseconds: number;
}

/**
 * A table of `restrictions` or `requireRestriction` said something of somebody who is who they say: refused them, or let pass with a note (`WARN`). Not where it lets
 * pass, and not where `allows` only asked.
 */
export interface RestrictionEvent {
  readonly type: "restriction";
  readonly username: string;
  readonly table: string;
  /** `misconfigured`: refused, because it says what is no answer for a web site. */
  readonly outcome: "noted" | "rejected" | "deferred" | "misconfigured";
  /** The first word of what it said; `no-key` where nothing could be looked up. */
  readonly action: string;
  /** Of a refusal: the enhanced status code of RFC 3463. */
  readonly enhancedStatus?: string;
}

/** One operation at a server has ended. The service account's own binds are part of opening a connection, and none. */
export interface OperationEvent {
  readonly type: "operation";
  readonly operation: "bind" | "search" | "compare" | "password-change";
  readonly server: string;
  /** `refused-bind`: the directory's verdict on a password. A comparison that is false is a success. */
  readonly result: "success" | "refused-bind" | DirectoryErrorCode;
  readonly milliseconds: number;
}

/** A login has ended other than by its own sign-out, or is to be checked anew. */
export interface RevocationEvent {
  readonly type: "revocation";
  readonly username: string;
  /** `revoked`, `invalidated`, or why the directory's answer ended it (a `SignOutReason`). */
  readonly reason: string;
  /** How many sessions ended, where that is known. */
  readonly sessions?: number;
}

/** A server went away or came back. */
export interface FailoverEvent {
  readonly type: "failover";
  readonly server: string;
  readonly state: "ready" | "down";
  /** Why it is down. */
  readonly error?: DirectoryErrorCode;
}

/** A connection was opened or closed. */
export interface PoolEvent {
  readonly type: "pool";
  readonly pool: "search" | "pages" | "bind";
  readonly server: string;
  readonly change: "opened" | "closed";
}

/** A question could or could not be answered from memory. */
export interface CacheEvent {
  readonly type: "cache";
  readonly cache: "login" | "wrong-password" | "answer";
  readonly hit: boolean;
}

/** The directory was seen to have changed, or how that is followed has changed. */
export interface WatchEvent {
  readonly type: "watch";
  readonly change: "entry" | "anything" | "mode";
  readonly mode?: string;
}

/** Hears of events. Must not throw; costs nothing where nobody listens. */
export type Observe = (event: LdapEvent) => void;
