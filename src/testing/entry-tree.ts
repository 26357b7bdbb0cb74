import { matchingKey } from "./matching-rule.ts";
import type { AttributeDescription } from "./schema.ts";

/** An attribute of a stored entry. Never changed: a modification puts a new one in its place. */
export interface StoredAttribute {
  readonly description: AttributeDescription;
  readonly values: readonly Buffer[];
}

/** An entry as the directory holds it. Never changed, only replaced. */
export interface StoredEntry {
  /** As it was spelled when it was added. */
  readonly dn: string;
  /** The normalised DN. */
  readonly key: string;
  /** By the key of the attribute description. */
  readonly attributes: ReadonlyMap<string, StoredAttribute>;
}

/** The normalised DN of the parent; "" for a DN of one RDN. */
export function parentKey(key: string): string {
  for (let index = 0; index < key.length; index += 1) {
    if (key[index] === "\\") index += 1;
    else if (key[index] === ",") return key.slice(index + 1);
  }
  return "";
}

/** Whether the one normalised DN is the other, or is somewhere below it. Everything is below "". */
export function isWithin(key: string, base: string): boolean {
  return key === base || base === "" || key.endsWith(`,${base}`);
}

/** An entry that was put into the tree, or is gone from it. */
export interface TreeChange {
  /** The tree's after it. */
  readonly version: number;
  readonly entry: StoredEntry;
  readonly isGone: boolean;
}

/** All entries of the directory, by normalised DN. */
export class EntryTree {
  /** Grows with each change. */
  version = 0;
  readonly #entries = new Map<string, StoredEntry>();
  readonly #children = new Map<string, Set<string>>();
  readonly #listeners = new Set<(change: TreeChange) => void>();

  get(key: string): StoredEntry | undefined {
    return this.#entries.get(key);
  }

  /** Adds an entry, or replaces the one of the same DN. */
  put(entry: StoredEntry): void {
    this.version += 1;
    this.#entries.set(entry.key, entry);
    const parent = parentKey(entry.key);
    const siblings = this.#children.get(parent) ?? new Set();
    siblings.add(entry.key);
    this.#children.set(parent, siblings);
    this.#tell(entry, false);
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    this.version += 1;
    this.#entries.delete(key);
    this.#children.get(parentKey(key))?.delete(key);
    if (entry !== undefined) this.#tell(entry, true);
  }

  /** Calls the listener with each change, until what this returns is called. */
  onChange(listener: (change: TreeChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(entry: StoredEntry, isGone: boolean): void {
    const change = { version: this.version, entry, isGone };
    for (const listener of this.#listeners) listener(change);
  }

  all(): IterableIterator<StoredEntry> {
    return this.#entries.values();
  }

  hasChildren(key: string): boolean {
    return (this.#children.get(key)?.size ?? 0) > 0;
  }

  *childrenOf(key: string): Generator<StoredEntry> {
    for (const child of this.#children.get(key) ?? []) {
      const entry = this.#entries.get(child);
      if (entry !== undefined) yield entry;
    }
  }

  /** The entry itself and all below it, parents first. */
  *subtree(key: string): Generator<StoredEntry> {
    const pending = [key];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const entry = this.#entries.get(next);
      if (entry !== undefined) yield entry;
      for (const child of [...(this.#children.get(next) ?? [])].reverse()) pending.push(child);
    }
  }

  /** The tops of the tree: entries whose parent is not here. */
  namingContexts(): readonly StoredEntry[] {
    return [...this.#entries.values()].filter(({ key }) => !this.#entries.has(parentKey(key)));
  }
}

const keysOfAttribute = new WeakMap<StoredAttribute, readonly (string | undefined)[]>();

/** The matching keys of an attribute's values, worked out once. */
export function valueKeys(attribute: StoredAttribute): readonly (string | undefined)[] {
  const known = keysOfAttribute.get(attribute);
  if (known !== undefined) return known;
  const keys = attribute.values.map((value) => matchingKey(attribute.description.type.rule, value));
  keysOfAttribute.set(attribute, keys);
  return keys;
}
