import type {
  CacheEvent,
  DecisionEvent,
  OperationEvent,
  PoolEvent,
  RestrictionEvent,
} from "../events.ts";
import type { Histogram } from "./histogram.ts";

/** What happened so far, as plain numbers that only grow, but for `connections`. Holds no names of people. */
export interface Metrics {
  /** When counting began: milliseconds since 1970. */
  readonly since: number;
  /**
   * Logins by how they ended, form and HTTP Basic together: `throttled` was answered with 429, `unavailable` with 503 (or, with
   * `bindAuthoritative: false`, with 401).
   */
  readonly logins: Readonly<Record<"accepted" | "refused" | "throttled" | "unavailable", number>>;
  /** Logins that were not accepted, by reason: see `RefusalEvent`. */
  readonly refusals: Readonly<Record<string, number>>;
  /** What guards decided. */
  readonly decisions: Readonly<Record<DecisionEvent["outcome"], number>>;
  /** What Postfix tables said of people, other than that they may pass. */
  readonly restrictions: Readonly<Record<RestrictionEvent["outcome"], number>>;
  /** Operations at servers, by kind and result; those that never happened are missing. */
  readonly operations: readonly OperationMetrics[];
  /** Connections that are open now. */
  readonly connections: Readonly<Record<PoolEvent["pool"], number>>;
  /** How often memory was asked. A login whose answer is not known is one miss of `login`. */
  readonly caches: Readonly<Record<CacheEvent["cache"], CacheMetrics>>;
  /** Logins that ended, or were marked to be read again, by reason: see `RevocationEvent`. */
  readonly revocations: Readonly<Record<string, number>>;
  /** Sessions that these ended, as far as their number is known. */
  readonly sessionsRevoked: number;
  /** How often a server went away, or came back. */
  readonly failovers: Readonly<Record<"down" | "ready", number>>;
  /** How often the directory was seen to have changed: one entry, or anything. */
  readonly changes: Readonly<Record<"entry" | "anything", number>>;
}

/** Operations of one kind that ended the same way. */
export interface OperationMetrics extends Histogram {
  readonly operation: OperationEvent["operation"];
  readonly result: OperationEvent["result"];
}

/** Of one cache. */
export interface CacheMetrics {
  readonly hits: number;
  readonly misses: number;
}
