import type { Entry } from "../ldap/entry.ts";
import type { Filter } from "../ldap/filter.ts";
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
}

/** What the directory says. Every method rejects with a `DirectoryError` and nothing else. */
export interface Directory {
  /** As the service account. A base that does not exist is the error `no-such-object`. */
  search(query: SearchQuery, deadline: Deadline): Promise<readonly Entry[]>;
  /**
   * As the service account (RFC 4511 section 4.10). A missing attribute is false, a missing entry the error `no-such-object`, an attribute
   * that the server does not know `refused` with result code 17.
   */
  compare(
    dn: string,
    attribute: string,
    value: string | Buffer,
    deadline: Deadline,
  ): Promise<boolean>;
  /** One simple bind with the entry's DN and the person's password. False is the directory's verdict: wrong password. */
  checkPassword(dn: string, password: string, deadline: Deadline): Promise<boolean>;
  /** Takes as long as `checkPassword` of a wrong password, without asking about anybody. */
  checkNobody(deadline: Deadline): Promise<void>;
  health(): DirectoryHealth;
  /** Refuses new work, waits for what is under way (bounded), closes all connections. */
  close(): Promise<void>;
}
