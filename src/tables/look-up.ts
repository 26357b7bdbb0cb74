import { isUtf8 } from "node:buffer";
import { type Deadline, startDeadline } from "../directory/deadline.ts";
import type { SearchQuery } from "../directory/directory.ts";
import { DirectoryError } from "../errors.ts";
import type { AttributeValue, Entry } from "../ldap/entry.ts";
import { foldKey } from "./fold-key.ts";
import type { LdapTable } from "./ldap-table.ts";
import { readQueryFilter } from "./query-filter.ts";
import { resultAttributes } from "./result-attributes.ts";
import { specialSearch } from "./special-search.ts";
import type { TableSettings } from "./table-settings.ts";
import { expandBase, expandFilter, expandResult, hasPartsFor, isFixed } from "./template.ts";

/** Whom to ask, and how. */
export interface LookUpTerms {
  /** Rejects with a `DirectoryError` and nothing else. */
  readonly search: (query: SearchQuery, deadline: Deadline) => Promise<readonly Entry[]>;
  readonly foldKeys: boolean;
  /** Hears what Postfix warns of: of keys and of what the directory holds. */
  readonly warn: (warning: string, about?: string) => void;
}

/** Searches that one look-up may come to, with all that special attributes lead to. */
const MOST_SEARCHES = 10_000;
/** Values that one look-up may bring, where expansion_limit sets no limit. */
const MOST_VALUES = 100_000;
/** The time for one look-up, in milliseconds; at least for connecting and one search. */
const SHORTEST_TIME = 30_000;

/**
 * Prepares `lookup` of a table. What Postfix does is in ldap_table(5) and dict_ldap.c; where it differs on purpose:
 *
 * - Whether an entry is terminal, or a leaf, does not depend on the entries before it in the same answer.
 * - A key that the templates can't take is not found without a connection being made.
 * - A look-up ends after 10,000 searches, 100,000 values or 30 seconds (twice `timeout`, if that is longer) with an error: nested groups without
 *   expansion_limit would let it go on for hours.
 */
export function prepareLookUp(
  settings: TableSettings,
  { search, foldKeys, warn }: LookUpTerms,
): LdapTable["lookup"] {
  const { searchBase, queryFilter, resultFormat, timeout, recursionLimit, sizeLimit } = settings;
  const attributes = resultAttributes(settings);
  const { requested } = attributes;
  const domains = settings.domains && new Set(settings.domains.map(foldKey));
  const mostValues = settings.expansionLimit || MOST_VALUES;
  const most = sizeLimit === 0 ? {} : { most: sizeLimit };

  /** One look-up: its key, what it has found, and what it may still do. */
  function begin(key: string) {
    const whole = startDeadline(Math.max(SHORTEST_TIME, 2 * timeout));
    const values: string[] = [];
    let searches = 0;

    async function find(query: SearchQuery): Promise<readonly Entry[]> {
      searches += 1;
      if (searches > MOST_SEARCHES) throw tooMuch(`more than ${MOST_SEARCHES} searches`);
      // For connecting and for the search.
      const deadline = startDeadline(Math.min(2 * timeout, whole.remaining()));
      return search({ ...query, ...most }, deadline);
    }

    async function collect(entries: readonly Entry[], level: number): Promise<void> {
      for (const entry of entries) {
        const isTerminal = attributes.isTerminal(entry);
        const isLeaf = attributes.isLeaf(entry);
        for (const [name, found] of entry.attributes) {
          const kind = attributes.kindOf(name);
          if (kind === undefined || (isTerminal && kind !== "terminal")) continue;
          if (kind === "special") await follow(found, level);
          else if (isTerminal || isLeaf || kind === "ordinary") take(found);
        }
      }
    }

    function take(found: readonly AttributeValue[]): void {
      for (const value of found) {
        const text = textOf(value);
        if (text === "") warn("An empty value is ignored", key);
        const result = expandResult(resultFormat, key, text);
        if (result === undefined) continue;
        if (values.length === mostValues) throw tooMuch(`more than ${mostValues} values`);
        values.push(result);
      }
    }

    async function follow(found: readonly AttributeValue[], level: number): Promise<void> {
      if (level >= recursionLimit) throw tooMuch(`references more than ${recursionLimit} deep`);
      for (const value of found) {
        const text = textOf(value);
        const query = specialSearch(text, requested);
        if (query === undefined) continue;
        const entries = await orNothing(find(query));
        if (entries === undefined) warn("What a special attribute names is not there", text);
        else await collect(entries, level + 1);
      }
    }

    return { find, collect, values };
  }

  return async (given) => {
    if (typeof given !== "string") {
      throw new DirectoryError("A key must be text.", { code: "refused" });
    }
    if (given === "" || !given.isWellFormed()) {
      warn("A key that is empty or no text is not found");
      return undefined;
    }
    const key = foldKeys ? foldKey(given) : given;
    if (domains && !domains.has(foldKey(domainOf(key)))) return undefined;
    const base = expandBase(searchBase, key);
    const filter = expandFilter(queryFilter, key);
    if (base === undefined || filter === undefined || !hasPartsFor(resultFormat, key)) {
      return undefined;
    }
    if (timeout === 0) {
      throw new DirectoryError("timeout is 0: no time for a look-up", { code: "timeout" });
    }

    const { find, collect, values } = begin(key);
    const query = { base, scope: settings.scope, filter: readQueryFilter(filter) };
    const found = find({ ...query, attributes: requested });
    // A base that is made of the key is one that need not be there.
    const entries = await (isFixed(searchBase) ? found : orNothing(found));
    await collect(entries ?? [], 1);
    return values.length === 0 ? undefined : values;
  };
}

/** Empty where there is none, which is in no list. */
function domainOf(key: string): string {
  const at = key.lastIndexOf("@");
  return at > 0 ? key.slice(at + 1) : "";
}

/** As C reads it: a NUL ends it. */
function textOf(value: AttributeValue): string {
  if (typeof value === "string") return value.replace(/\0.*$/s, "");
  const nul = value.indexOf(0);
  const bytes = nul < 0 ? value : value.subarray(0, nul);
  if (isUtf8(bytes)) return bytes.toString();
  throw new DirectoryError("A value is not UTF-8 text", { code: "protocol" });
}

/** Undefined where the base of the search does not exist. */
async function orNothing(found: Promise<readonly Entry[]>): Promise<readonly Entry[] | undefined> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof DirectoryError && error.code === "no-such-object") return undefined;
    throw error;
  }
}

function tooMuch(what: string): DirectoryError {
  return new DirectoryError(`The look-up comes to ${what}`, { code: "limit" });
}
