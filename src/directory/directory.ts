import type { Entry } from "../ldap/entry.ts";
import type { Filter } from "../ldap/filter.ts";
import type { PasswordChangeAnswer, PasswordVerdict } from "./account-answer.ts";
import type { Change, Watch, WatchMode, WatchSettings } from "./change.ts";
import type { Deadline } from "./deadline.ts";

/** What to look for. */
export interface SearchQuery {
  readonly base: string;
  readonly scope: "base" | "one" | "sub";
  readonly filter: Filter;
  /** The attributes to return; `[]` returns none (RFC 4511's `1.1`). */
  readonly attributes: readonly string[];
  /**
   * The most entries to ask for; reaching it is no error. Without it, an answer that the server's own limit cut
   * short is a `DirectoryError` (`limit`).
   */
  readonly limit?: number;
  /** The most entries that there may be; not together with `limit`. That there are more is the error `limit`. Default: as many as there are. */
  readonly most?: number;
}

/** One server's state, as `health()` tells it. */
export interface ServerHealth {
  /** `ldap://host:port`, without anything secret. */
  readonly server: string;
  readonly state: "ready" | "unknown" | "down";
  /** Why it is down: the code of the last error. */
  readonly error?: string;
}

/** What is known of the servers from their last answers. */
export interface DirectoryHealth {
  /** `ready`: the first server serves. `degraded`: another one does, or nothing is known yet. `down`: none does. */
  readonly state: "ready" | "degraded" | "down";
  readonly servers: readonly ServerHealth[];
  readonly connections: { readonly search: number; readonly bind: number };
  /** How the changes in each directory are followed at the moment: `away` while that can't be done. Absent while none is followed. */
  readonly watch?: readonly (WatchMode | "away")[];
}

/** One operation that was sent to a server, for explanations and events. Holds no password. */
export interface OperationReport {
  readonly operation: "search" | "compare" | "bind";
  /** `ldap://host:port`; undefined where no server was reached. */
  readonly server: string | undefined;
  /** The search base, or the entry that was compared or bound. */
  readonly dn: string;
  /** Only of a search. */
  readonly scope?: SearchQuery["scope"];
  /** Only of a search: RFC 4515 text. */
  readonly filter?: string;
  /** Only of a compare. */
  readonly attribute?: string;
  /** How it ended: `success`, `found 1`, `true`, `false`, or the error's code and result code. */
  readonly result: string;
  readonly milliseconds: number;
  /** Whether it was answered from memory. */
  readonly cacheHit: boolean;
}

/** Questions to the directory under some identity. Every method rejects with a `DirectoryError` and nothing else. */
export interface Searches {
  /** A base that does not exist is the error `no-such-object`. */
  search(query: SearchQuery, deadline: Deadline): Promise<readonly Entry[]>;
  /**
   * RFC 4511 section 4.10. A missing attribute is false, a missing entry the error `no-such-object`, an attribute
   * that the server does not know `refused` with result code 17.
   */
  compare(
    dn: string,
    attribute: string,
    value: string | Buffer,
    deadline: Deadline,
  ): Promise<boolean>;
  /** The same questions, each reported as it ends. */
  reporting(report: (operation: OperationReport) => void): Searches;
}

/** What the directory says, asked as the service account. Every method rejects with a `DirectoryError` and nothing else. */
export interface Directory extends Searches {
  /**
   * The same questions, asked as somebody else: each operation binds a connection of its own with this DN and password first
   * (AuthLDAPSearchAsUser, AuthLDAPInitialBindAsUser). A refused bind is the error `refused` with its result code; see
   * `refusesCredentials` of result-codes.ts. An empty DN or password is the error `refused` without anything being sent.
   */
  as(dn: string, password: string): Searches;
  /**
   * One simple bind with the entry's DN and the person's password. Not accepted and without a state is the directory's verdict: wrong password.
   * `origin` is the entry's, if it has one: the server to ask.
   */
  checkPassword(
    dn: string,
    password: string,
    deadline: Deadline,
    origin?: string,
  ): Promise<PasswordVerdict>;
  /** Whether passwords can be changed: only where nobody on the way can read what is sent. */
  readonly isProtected: boolean;
  /**
   * Sets a new password for somebody who knows the old one: RFC 3062, or unicodePwd on Active Directory. Only over TLS or a Unix socket, else it rejects with
   * `tls`. It is sent at most once: after an error of the connection nobody knows whether it was changed. A wrong old password takes as long, and counts
   * at the directory, as `checkPassword` of one.
   */
  changePassword(
    dn: string,
    oldPassword: string,
    newPassword: string,
    deadline: Deadline,
    origin?: string,
  ): Promise<PasswordChangeAnswer>;
  /** Takes as long as `checkPassword` of a wrong password, without asking about anybody. */
  checkNobody(deadline: Deadline): Promise<void>;
  /**
   * Follows what changes in the directory from now on, over one more connection, and tells it: nothing while the server can't be reached, and
   * `anything` when the watch has begun or could not go on where it had ended. Connects at once, in the background. `close()` ends it too.
   */
  watch(settings: WatchSettings, listener: (change: Change) => void): Watch;
  health(): DirectoryHealth;
  /** Refuses new work, waits for what is under way (bounded), closes all connections. */
  close(): Promise<void>;
}
