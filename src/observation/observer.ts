import type { LdapEvent, Observe, OperationEvent } from "../events.ts";
import { publish } from "./channels.ts";
import { createStopwatch, type Stopwatch } from "./histogram.ts";
import type { Metrics, OperationMetrics } from "./metrics.ts";

/** What one instance tells of itself. */
export interface Observer {
  /** Counts an event, and tells whoever listens. Does not throw. */
  readonly observe: Observe;
  metrics(): Metrics;
}

/** More reasons than there are: should one ever be made of what visitors send, it does not grow. */
const MOST_REASONS = 100;

/** Starts to count. */
export function createObserver(): Observer {
  const since = Date.now();
  const logins = { accepted: 0, refused: 0, throttled: 0, unavailable: 0 };
  const refusals = new Map<string, number>();
  const decisions = { granted: 0, denied: 0, "no-user": 0, undecided: 0 };
  const restrictions = { noted: 0, rejected: 0, deferred: 0, misconfigured: 0 };
  const operations = new Map<
    OperationEvent["operation"],
    Map<OperationEvent["result"], Stopwatch>
  >();
  const connections = { search: 0, pages: 0, bind: 0 };
  const caches = {
    login: { hits: 0, misses: 0 },
    "wrong-password": { hits: 0, misses: 0 },
    answer: { hits: 0, misses: 0 },
  };
  const revocations = new Map<string, number>();
  let sessionsRevoked = 0;
  const failovers = { down: 0, ready: 0 };
  const changes = { entry: 0, anything: 0 };

  function stopwatchOf({ operation, result }: OperationEvent): Stopwatch {
    const results = getOrAdd(operations, operation, () => new Map());
    return getOrAdd(results, result, createStopwatch);
  }

  function count(event: LdapEvent): void {
    switch (event.type) {
      case "login":
        logins.accepted++;
        return;
      case "refusal":
        logins[endOf(event.reason)]++;
        increment(refusals, event.reason);
        return;
      case "decision":
        decisions[event.outcome]++;
        return;
      case "restriction":
        restrictions[event.outcome]++;
        return;
      case "operation":
        stopwatchOf(event).add(event.milliseconds);
        return;
      case "pool":
        connections[event.pool] += event.change === "opened" ? 1 : -1;
        return;
      case "cache":
        caches[event.cache][event.hit ? "hits" : "misses"]++;
        return;
      case "revocation":
        increment(revocations, event.reason);
        sessionsRevoked += event.sessions ?? 0;
        return;
      case "failover":
        failovers[event.state]++;
        return;
      case "watch":
        if (event.change !== "mode") changes[event.change]++;
    }
  }

  return {
    observe(event) {
      count(event);
      publish(event);
    },
    metrics: () => ({
      since,
      logins: { ...logins },
      refusals: Object.fromEntries(refusals),
      decisions: { ...decisions },
      restrictions: { ...restrictions },
      operations: readOperations(operations),
      connections: { ...connections },
      caches: structuredClone(caches),
      revocations: Object.fromEntries(revocations),
      sessionsRevoked,
      failovers: { ...failovers },
      changes: { ...changes },
    }),
  };
}

function getOrAdd<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function endOf(reason: string): "throttled" | "unavailable" | "refused" {
  if (reason === "too-many-attempts") return "throttled";
  return reason === "unavailable" ? "unavailable" : "refused";
}

function increment(counts: Map<string, number>, reason: string): void {
  const known = counts.get(reason);
  if (known === undefined && counts.size >= MOST_REASONS) return;
  counts.set(reason, (known ?? 0) + 1);
}

function readOperations(
  operations: ReadonlyMap<
    OperationEvent["operation"],
    ReadonlyMap<OperationEvent["result"], Stopwatch>
  >,
): readonly OperationMetrics[] {
  return [...operations].flatMap(([operation, results]) =>
    [...results].map(([result, stopwatch]) => ({
      operation,
      result,
      ...stopwatch.read(),
    })),
  );
}
