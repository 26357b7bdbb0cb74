import { parseDn } from "../ldap/dn.ts";
import type { Filter } from "../ldap/filter.ts";
import type { DirectoryState } from "./directory-state.ts";
import { type StoredAttribute, type StoredEntry, valueKeys } from "./entry-tree.ts";
import {
  compareKeys,
  hasSubstrings,
  type MatchingRule,
  matchingKey,
  substringKeys,
} from "./matching-rule.ts";
import { type AttributeDescription, isSubtype } from "./schema.ts";

/** What a filter says of an entry: yes, no, or Undefined (RFC 4511 section 4.5.1.7), which is neither, also when negated. */
export type Match = (entry: StoredEntry) => boolean | undefined;

/** The attributes of an entry that the one who asks may see; undefined, as the filter is then, if that is none whatever the entry has. */
export type FindAttributes = (
  entry: StoredEntry,
  asked: AttributeDescription,
) => readonly StoredAttribute[] | undefined;

const undefinedMatch: Match = () => undefined;

/** Turns a filter into a question that can be put to every entry. */
export function compileFilter(state: DirectoryState, find: FindAttributes, filter: Filter): Match {
  switch (filter.type) {
    case "and":
    case "or": {
      const matches = filter.filters.map((part) => compileFilter(state, find, part));
      return filter.type === "and" ? all(matches) : any(matches);
    }
    case "not": {
      const match = compileFilter(state, find, filter.filter);
      return (entry) => {
        const matched = match(entry);
        return matched === undefined ? undefined : !matched;
      };
    }
    case "extensible":
      return compileExtensible(state, find, filter);
    default:
      return compileItem(state, find, filter);
  }
}

function all(matches: readonly Match[]): Match {
  return (entry) => {
    let result: boolean | undefined = true;
    for (const match of matches) {
      const matched = match(entry);
      if (matched === false) return false;
      if (matched === undefined) result = undefined;
    }
    return result;
  };
}

function any(matches: readonly Match[]): Match {
  return (entry) => {
    let result: boolean | undefined = false;
    for (const match of matches) {
      const matched = match(entry);
      if (matched === true) return true;
      if (matched === undefined) result = undefined;
    }
    return result;
  };
}

type Item = Exclude<Filter, { readonly type: "and" | "or" | "not" | "extensible" }>;

/** A filter on the values of one attribute. */
function compileItem(state: DirectoryState, find: FindAttributes, filter: Item): Match {
  const asked = state.schema.describe(filter.attribute);
  if (asked === undefined) return undefinedMatch;
  if (filter.type === "present") {
    return (entry) => {
      const found = find(entry, asked);
      return found && found.length > 0;
    };
  }
  const test = compileTest(state, asked, filter);
  if (test === undefined) return undefinedMatch;
  return (entry) => find(entry, asked)?.some((attribute) => hasKey(attribute, test));
}

function hasKey(attribute: StoredAttribute, test: (key: string) => boolean): boolean {
  return valueKeys(attribute).some((key) => key !== undefined && test(key));
}

type Test = (key: string) => boolean;

function compileTest(
  state: DirectoryState,
  { type }: AttributeDescription,
  filter: Exclude<Item, { readonly type: "present" }>,
): Test | undefined {
  if (filter.type === "substrings") {
    const parts = type.substrings ? substringKeys(type.rule, filter) : undefined;
    return parts && ((key) => hasSubstrings(key, parts));
  }
  if (filter.type === "equal" && type.name === "objectClass") {
    const asked = filter.value.toString();
    return (key) => state.schema.isSubclass(key, asked);
  }
  const asserted = matchingKey(type.rule, filter.value);
  if (asserted === undefined) return undefined;
  if (filter.type === "equal" || filter.type === "approx") return (key) => key === asserted;
  if (!type.ordering) return undefined;
  return filter.type === "greater-or-equal"
    ? (key) => compareKeys(type.rule, key, asserted) >= 0
    : (key) => compareKeys(type.rule, key, asserted) <= 0;
}

/** Matching rules that can be named in a filter, by name and OID (RFC 4517 section 4.2). */
const NAMED_RULES: Readonly<Record<string, MatchingRule>> = {
  caseignorematch: "case-ignore",
  "2.5.13.2": "case-ignore",
  caseignoreia5match: "case-ignore",
  "1.3.6.1.4.1.1466.109.114.2": "case-ignore",
  caseexactmatch: "case-exact",
  "2.5.13.5": "case-exact",
  caseexactia5match: "case-exact",
  "1.3.6.1.4.1.1466.109.114.1": "case-exact",
  distinguishednamematch: "dn",
  "2.5.13.1": "dn",
  integermatch: "integer",
  "2.5.13.14": "integer",
  octetstringmatch: "octets",
  "2.5.13.17": "octets",
  telephonenumbermatch: "telephone",
  "2.5.13.20": "telephone",
};

/** Active Directory's rules: all of these bits, any of these bits, a member directly or through other groups. */
const BITS_ALL = "1.2.840.113556.1.4.803";
const BITS_ANY = "1.2.840.113556.1.4.804";
const IN_CHAIN = "1.2.840.113556.1.4.1941";

type Extensible = Extract<Filter, { readonly type: "extensible" }>;

function compileExtensible(state: DirectoryState, find: FindAttributes, filter: Extensible): Match {
  const asked =
    filter.attribute === undefined ? undefined : state.schema.describe(filter.attribute);
  if (filter.attribute !== undefined && asked === undefined) return undefinedMatch;
  const name = filter.rule?.toLowerCase();
  if (asked !== undefined && name === IN_CHAIN)
    return compileChain(state, find, asked, filter.value);
  if (asked !== undefined && (name === BITS_ALL || name === BITS_ANY)) {
    const test = compileBits(name, filter.value);
    return (entry) => find(entry, asked)?.some((attribute) => hasKey(attribute, test));
  }
  const rule = name === undefined ? asked?.type.rule : NAMED_RULES[name];
  if (rule === undefined) return undefinedMatch;
  const asserted = matchingKey(rule, filter.value);
  if (asserted === undefined) return undefinedMatch;
  const matchesValue = (value: Buffer): boolean => matchingKey(rule, value) === asserted;
  return (entry) => {
    const attributes =
      asked === undefined
        ? state.view
            .all(entry)
            .filter(({ description }) => description.type.rule === rule)
            .flatMap(({ description }) => find(entry, description) ?? [])
        : find(entry, asked);
    if (attributes === undefined) return undefined;
    if (attributes.some(({ values }) => values.some(matchesValue))) return true;
    if (!filter.dnAttributes) return false;
    return dnValues(state, entry, asked, rule).some(matchesValue);
  };
}

/** The values in an entry's DN that `:dn:` adds to its attributes (RFC 4511 section 4.5.1.7.7). */
function dnValues(
  { schema }: DirectoryState,
  entry: StoredEntry,
  asked: AttributeDescription | undefined,
  rule: MatchingRule,
): readonly Buffer[] {
  const values: Buffer[] = [];
  for (const { type, value } of (parseDn(entry.dn) ?? []).flat()) {
    const description = schema.describe(type);
    if (description === undefined) continue;
    const fits =
      asked === undefined ? description.type.rule === rule : isSubtype(schema, description, asked);
    if (fits) values.push(Buffer.from(value));
  }
  return values;
}

function compileBits(rule: string, value: Buffer): Test {
  const bits = toBigInt(value.toString());
  if (bits === undefined) return () => false;
  return (key) => {
    const set = (toBigInt(key) ?? 0n) & bits;
    return rule === BITS_ALL ? set === bits : set !== 0n;
  };
}

function toBigInt(text: string): bigint | undefined {
  return /^-?[0-9]{1,40}$/.test(text) ? BigInt(text) : undefined;
}

function compileChain(
  state: DirectoryState,
  find: FindAttributes,
  asked: AttributeDescription,
  value: Buffer,
): Match {
  const target = matchingKey("dn", value);
  if (target === undefined) return undefinedMatch;
  return (entry) => {
    const seen = new Set([entry.key]);
    const pending: StoredEntry[] = [entry];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      for (const key of (find(next, asked) ?? []).flatMap((attribute) => valueKeys(attribute))) {
        if (key === target) return true;
        const linked = key === undefined || seen.has(key) ? undefined : state.tree.get(key);
        if (linked === undefined) continue;
        seen.add(linked.key);
        pending.push(linked);
      }
    }
    return false;
  };
}
