import type { DirectoryState } from "./directory-state.ts";
import { type EntryTree, parentKey, type StoredEntry, valueKeys } from "./entry-tree.ts";
import { noSuchObject, refuseEntry } from "./no-such-object.ts";
import type { SearchRequest } from "./request.ts";
import { RESULT, type Result } from "./result.ts";

type Dereference = SearchRequest["dereference"];

/** Where an alias points to (RFC 4512 section 2.6); undefined if the entry is none. */
function targetOf(entry: StoredEntry): string | undefined {
  const target = entry.attributes.get("aliasedobjectname");
  if (target === undefined) return undefined;
  const classes = entry.attributes.get("objectclass");
  return classes && valueKeys(classes).includes("alias") ? valueKeys(target)[0] : undefined;
}

/** More aliases one behind the other are taken for a loop. */
const LONGEST_CHAIN = 15;

/** Finds the search's base, through aliases in it or above it if the client wants that. */
export function findBase(
  state: DirectoryState,
  who: string,
  asked: string,
  dereference: Dereference,
): StoredEntry | Result {
  const follow = dereference === "finding" || dereference === "always";
  let key = asked;
  let last: StoredEntry | undefined;
  for (let step = 0; step <= LONGEST_CHAIN; step += 1) {
    const alias = follow ? nearestAlias(state.tree, key) : undefined;
    if (alias === undefined) {
      const entry = state.tree.get(key);
      if (entry === undefined) {
        return last === undefined ? noSuchObject(state, who, key) : refuseAlias(last);
      }
      const access = state.access({ who, operation: "search", dn: key });
      return access === true ? entry : refuseEntry(access);
    }
    last = alias.entry;
    key = `${key.slice(0, key.length - alias.entry.key.length)}${alias.target}`;
  }
  return { code: RESULT.loopDetect, message: "aliases that lead to each other" };
}

function refuseAlias({ dn }: StoredEntry): Result {
  return { code: RESULT.aliasProblem, matchedDn: dn, message: "aliasedObject not found" };
}

/** The alias that this entry is, or the lowest one above it. */
function nearestAlias(
  tree: EntryTree,
  key: string,
): { readonly entry: StoredEntry; readonly target: string } | undefined {
  for (let at = key; at !== ""; at = parentKey(at)) {
    const entry = tree.get(at);
    if (entry === undefined) continue;
    const target = targetOf(entry);
    return target === undefined ? undefined : { entry, target };
  }
  return undefined;
}

/** The entries of the scope. Where aliases are followed, what they point to stands in their place, each entry once. */
export function* entriesInScope(
  tree: EntryTree,
  base: StoredEntry,
  scope: SearchRequest["scope"],
  dereference: Dereference,
): Generator<StoredEntry> {
  const follow = dereference === "searching" || dereference === "always";
  if (scope === "base") {
    yield base;
    return;
  }
  const seen = new Set<string>();
  const pending = [scope === "one" ? tree.childrenOf(base.key) : tree.subtree(base.key)];
  for (let entries = pending.pop(); entries !== undefined; entries = pending.pop()) {
    for (const entry of entries) {
      // The base is the client's own choice: only what is below it is followed.
      const target = follow && entry !== base ? followAlias(tree, entry) : entry;
      if (target === undefined || seen.has(target.key)) continue;
      if (target !== entry && scope === "sub") {
        pending.push(tree.subtree(target.key));
      } else {
        seen.add(target.key);
        yield target;
      }
    }
  }
}

/** The entry itself, or what it is an alias of; undefined if that does not exist. */
function followAlias(tree: EntryTree, entry: StoredEntry): StoredEntry | undefined {
  let at: StoredEntry | undefined = entry;
  for (let step = 0; at !== undefined && step <= LONGEST_CHAIN; step += 1) {
    const target = targetOf(at);
    if (target === undefined) return at;
    at = tree.get(target);
  }
  return undefined;
}
