import type { CacheEvent, Observe } from "../events.ts";
import type { Entry } from "../ldap/entry.ts";
import { formatFilter } from "../ldap/format-filter.ts";
import { openLru } from "../lru.ts";
import type { OperationReport, Searches, SearchQuery } from "./directory.ts";

/** How long answers are remembered, in milliseconds, and how many. */
export interface AnswerMemorySettings {
  readonly ttl: number;
  readonly size: number;
}

/** Answers to the questions of rules, remembered for a short while. */
export interface AnswerMemory {
  /** The same questions, answered from memory where it has the answer, and it is not from before `since()` (`performance.now()`). */
  of(searches: Searches, since: () => number): Searches;
}

/** The entries that a search found; none for a compare that was true. */
interface Remembered {
  readonly at: number;
  readonly entries: readonly Entry[];
}

/** An answer with more values than this is not kept. */
const MOST_VALUES = 1_000;

/**
 * Remembers what was found and what compared as true, as mod_ldap's caches do; a no is asked again each time, so that who was just let into a
 * group need not wait. All questions must be asked of one directory, as one identity.
 */
export function rememberAnswers(
  { ttl, size }: AnswerMemorySettings,
  observe: Observe,
): AnswerMemory {
  const answers = openLru<Remembered>(size);

  function recall(key: string, now: number, since: number): readonly Entry[] | undefined {
    const known = answers.get(key);
    const isFresh = known !== undefined && now - known.at < ttl && since <= known.at;
    observe(isFresh ? HIT : MISS);
    return isFresh ? known.entries : undefined;
  }

  function remembering(
    searches: Searches,
    since: () => number,
    report: (operation: OperationReport) => void,
  ): Searches {
    return {
      async search(query, deadline) {
        const key = searchKey(query);
        const at = performance.now();
        const known = recall(key, at, since());
        if (known) {
          report(aboutSearch(query, known.length));
          return known;
        }
        const entries = await searches.search(query, deadline);
        if (entries.length > 0 && valuesIn(entries) <= MOST_VALUES)
          answers.set(key, { at, entries });
        return entries;
      },

      async compare(dn, attribute, value, deadline) {
        const key = compareKey(dn, attribute, value);
        const at = performance.now();
        if (recall(key, at, since())) {
          report(fromMemory({ operation: "compare", dn, attribute }, "true"));
          return true;
        }
        const isTrue = await searches.compare(dn, attribute, value, deadline);
        if (isTrue) answers.set(key, { at, entries: [] });
        return isTrue;
      },

      reporting: (also) =>
        remembering(searches.reporting(also), since, (operation) => {
          report(operation);
          also(operation);
        }),
    };
  }

  return { of: (searches, since) => remembering(searches, since, () => {}) };
}

const HIT: CacheEvent = Object.freeze({ type: "cache", cache: "answer", hit: true });
const MISS: CacheEvent = Object.freeze({ type: "cache", cache: "answer", hit: false });

function searchKey(query: SearchQuery): string {
  const { base, scope, filter, attributes, limit = -1, most = -1 } = query;
  return JSON.stringify([scope, limit, most, base, formatFilter(filter), attributes]);
}

function compareKey(dn: string, attribute: string, value: string | Buffer): string {
  const text = typeof value === "string" ? value : value.toString("latin1");
  return JSON.stringify(["compare", typeof value, dn, attribute, text]);
}

function valuesIn(entries: readonly Entry[]): number {
  let count = 0;
  for (const { attributes } of entries) {
    count += 1;
    for (const values of attributes.values()) count += values.length;
  }
  return count;
}

function aboutSearch({ base, scope, filter }: SearchQuery, found: number): OperationReport {
  const about = { operation: "search", dn: base, scope, filter: formatFilter(filter) } as const;
  return fromMemory(about, `found ${found}`);
}

/** No server was asked. */
function fromMemory(
  about: Pick<OperationReport, "operation" | "dn" | "scope" | "filter" | "attribute">,
  result: string,
): OperationReport {
  return { ...about, server: undefined, result, milliseconds: 0, cacheHit: true };
}
