/** What an instance tells of itself while it works, see docs/events.md. No event holds a password, session id, cookie or filter value. */
export type LdapEvent =
  | LoginEvent
  | RefusalEvent
  | DecisionEvent
  | OperationEvent
  | RevocationEvent
  | FailoverEvent
  | PoolEvent
  | CacheEvent
  | WatchEvent;

/** Somebody signed in, or HTTP Basic let a request in. */
export interface LoginEvent {
  readonly type: "login";
  readonly username: string;
  readonly dn: string;
  readonly address: string | undefined;
  readonly by: "form" | "basic";
  /** Answered from memory, without the directory. */
  readonly remembered: boolean;
  readonly milliseconds: number;
}

/** A login was refused. */
export interface RefusalEvent {
  readonly type: "refusal";
  /** As typed, cut and without control characters. */
  readonly username: string;
  readonly address: string | undefined;
  readonly by: "form" | "basic";
  /** A `RefusalReason`, or `too-many-attempts`, `unavailable`. */
  readonly reason: string;
  readonly milliseconds: number;
}

/** A guard decided. */
export interface DecisionEvent {
  readonly type: "decision";
  readonly username: string | undefined;
  /** `granted`, `denied`, `no-user` or `undecided`. */
  readonly outcome: string;
  /** The type of the guard's rule. */
  readonly rule: string;
  readonly operations: number;
  readonly milliseconds: number;
}

/** One operation at a server has ended. */
export interface OperationEvent {
  readonly type: "operation";
  readonly operation: "bind" | "search" | "compare" | "password-change";
  readonly server: string;
  /** `success`, a `DirectoryErrorCode`, or `refused-bind`. */
  readonly result: string;
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
  readonly error?: string;
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
