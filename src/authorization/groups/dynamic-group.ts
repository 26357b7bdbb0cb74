import { isWithin } from "../../directory/part-of-tree.ts";
import { ANY_ENTRY } from "../../ldap/auth-ldap-url.ts";
import { formatDn, normalizeDn, parseDn } from "../../ldap/dn.ts";
import type { Filter } from "../../ldap/filter.ts";
import { parseFilter } from "../../ldap/parse-filter.ts";
import { percentDecode } from "../../ldap/percent-decode.ts";
import { type Decision, denied, granted, unanswerable } from "../decision.ts";
import { type Asker, matches } from "./matches.ts";

/** Whom a URL of a dynamic group means. */
export interface MemberUrl {
  readonly base: string;
  readonly scope: "base" | "one" | "sub";
  readonly filter: Filter;
}

const LONGEST = 8_192;
/** Host, DN, (attributes), scope, filter, extensions (RFC 4516). No part can hold what ends it, so this is linear. */
const PARTS =
  /^ldap:\/\/([^/?#]*)(?:\/([^?]*)(?:\?[^?]*(?:\?([^?]*)(?:\?([^?]*)(?:\?([^?]*))?)?)?)?)?$/i;

/**
 * Reads a `memberURL` (groupOfURLs). Undefined if it can't be honoured: unreadable, another server's, or with an extension that must not be
 * ignored. The scope's default is `base` (RFC 4516 section 2).
 */
export function parseMemberUrl(text: string): MemberUrl | undefined {
  const parts = text.length > LONGEST ? null : PARTS.exec(text);
  if (parts === null || parts[1] !== "") return undefined;
  const base = decoded(parts[2]);
  const scope = scopeOf(parts[3]);
  const filter = filterOf(parts[4]);
  if (base === undefined || normalizeDn(base) === undefined) return undefined;
  if (scope === undefined || filter === undefined || /(?:^|,)!/.test(parts[5] ?? "")) {
    return undefined;
  }
  return { base, scope, filter };
}

/** Does one of a dynamic group's URLs mean the person? Their own entry is asked, in one search; nobody else is looked at. */
export async function isMeant(
  dn: string,
  urls: readonly string[],
  asker: Asker,
): Promise<Decision> {
  const read = urls.map(parseMemberUrl);
  const meant = read.filter((url) => url !== undefined).filter((url) => isInScope(dn, url));
  if (meant.length > 0) {
    const filter: Filter = { type: "or", filters: meant.map((url) => url.filter) };
    const found = await matches(dn, filter, asker);
    if (found.outcome === "granted") return granted(dn);
    if (found.outcome === "undecided") return found;
  }
  if (read.includes(undefined)) return unanswerable("a memberURL that can't be followed");
  return denied("no memberURL means the person");
}

function isInScope(dn: string, { base, scope }: MemberUrl): boolean {
  switch (scope) {
    case "base":
      return isWithin(dn, base) && isWithin(base, dn);
    case "one":
      return isWithin(parentOf(dn), base) && isWithin(base, parentOf(dn));
    case "sub":
      return isWithin(dn, base);
  }
}

function parentOf(dn: string): string {
  return formatDn((parseDn(dn) ?? []).slice(1));
}

function scopeOf(part = ""): MemberUrl["scope"] | undefined {
  const scope = part.toLowerCase();
  if (scope === "") return "base";
  return scope === "base" || scope === "one" || scope === "sub" ? scope : undefined;
}

function filterOf(part = ""): Filter | undefined {
  const text = decoded(part);
  if (text === undefined) return undefined;
  if (text === "") return ANY_ENTRY;
  try {
    return parseFilter(text.startsWith("(") ? text : `(${text})`);
  } catch {
    return undefined;
  }
}

function decoded(part = ""): string | undefined {
  const result = percentDecode(part);
  return "text" in result ? result.text : undefined;
}
