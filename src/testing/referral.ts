import { normalizeDn } from "../ldap/dn.ts";
import type { DirectoryState } from "./directory-state.ts";
import { isWithin, parentKey, type StoredEntry, valueKeys } from "./entry-tree.ts";
import { prettyDn } from "./pretty-dn.ts";
import type { SearchRequest } from "./request.ts";
import { RESULT, type Result } from "./result.ts";

type Scope = SearchRequest["scope"];

/** An entry that stands for another server's part of the tree (RFC 3296 section 3). */
export function isReferral(entry: StoredEntry): boolean {
  const classes = entry.attributes.get("objectclass");
  return entry.attributes.has("ref") && !!classes && valueKeys(classes).includes("referral");
}

/**
 * The answer about an entry that another server has; undefined if it is not one's. `managed` treats the entry itself as what it is, but not those
 * above it (RFC 3296 section 4).
 */
export function referElsewhere(
  state: DirectoryState,
  dn: string,
  { managed = false, scope }: { readonly managed?: boolean; readonly scope?: Scope } = {},
): Result | undefined {
  const key = normalizeDn(dn) ?? "";
  for (let at = managed ? parentKey(key) : key; at !== ""; at = parentKey(at)) {
    const entry = state.tree.get(at);
    if (entry === undefined || !isReferral(entry)) continue;
    const referral = refsOf(entry).map((ref) => urlOf(state, entry, ref, dn, scope));
    return { code: RESULT.referral, matchedDn: entry.dn, referral };
  }
  return undefined;
}

/** Where a search that meets this entry goes on (RFC 4511 section 4.5.3). */
export function continuationOf(
  state: DirectoryState,
  entry: StoredEntry,
  scope: Scope,
): readonly string[] {
  const rest = scope === "one" ? "base" : scope;
  return refsOf(entry).map((ref) => urlOf(state, entry, ref, entry.dn, rest));
}

function refsOf(entry: StoredEntry): readonly string[] {
  return (entry.attributes.get("ref")?.values ?? []).map(String);
}

const SCHEME_AND_HOST = /^([^/]*\/\/[^/?]*)\/?([^?]*)(.*)$/s;

/** As slapd: the name that was asked for, with the referral's own part as its URL has it; what the URL says besides stays. */
function urlOf(
  state: DirectoryState,
  entry: StoredEntry,
  ref: string,
  asked: string,
  scope: Scope | undefined,
): string {
  const [, server = "", base = "", rest = ""] = SCHEME_AND_HOST.exec(ref) ?? [];
  const isItself = normalizeDn(asked) === entry.key;
  if (isItself && scope === undefined) return ref;
  const dn = isItself ? entry.dn : prettyDn(state.schema, asked);
  const rdns = relative(dn, entry.key);
  const name = base === "" ? encode(dn) : [...rdns.map(encode), base].join(",");
  return `${server}/${name}${rest || (scope === undefined ? "" : `??${scope}`)}`;
}

/** The parts of a DN that are below this one. */
function relative(dn: string, above: string): readonly string[] {
  const rdns = dn.split(/(?<!\\),/);
  const end = rdns.findIndex((_, index) =>
    isWithin(above, normalizeDn(rdns.slice(index).join(",")) ?? "-"),
  );
  return rdns.slice(0, end);
}

function encode(text: string): string {
  return encodeURI(text).replaceAll("?", "%3F").replaceAll("#", "%23");
}
