import { isIPv6 } from "node:net";
import { normalizeDn } from "../ldap/dn.ts";
import type { Filter } from "../ldap/filter.ts";
import { parseFilter } from "../ldap/parse-filter.ts";
import { percentDecode } from "../ldap/percent-decode.ts";
import type { SearchQuery } from "./directory.ts";

/** An LDAP URL (RFC 4516) by which a server refers to another one. What it leaves out stays as it was in the question. */
export interface ReferralUrl {
  readonly scheme: "ldap" | "ldaps";
  /** In lower case, an IPv6 address without its brackets. */
  readonly host: string;
  readonly port: number;
  readonly dn?: string;
  readonly scope?: SearchQuery["scope"];
  readonly filter?: Filter;
}

const LONGEST = 8_192;
/** Scheme, host, port, DN, (attributes), scope, filter, extensions. No part can hold what ends it, so this is linear. */
const PARTS =
  /^(ldaps?):\/\/(\[[0-9a-f:.]+\]|[^/?#@:[\]%\s]+)(?::([0-9]{1,5}))?(?:\/([^?]*)(?:\?[^?]*(?:\?([^?]*)(?:\?([^?]*)(?:\?([^?]*))?)?)?)?)?$/i;
const PORTS = { ldap: 389, ldaps: 636 } as const;

/**
 * Reads the URL of a referral. Undefined if it is none that can be followed: unreadable, without a host, of another scheme, for a user, or with an
 * extension that must not be ignored (RFC 4516 section 2).
 */
export function parseReferralUrl(text: string): ReferralUrl | undefined {
  const parts = text.length > LONGEST ? null : PARTS.exec(text);
  if (parts === null) return undefined;
  const [, name = "", authority = "", digits, dnPart = "", scopePart = "", filterPart = ""] = parts;
  const scheme = name.toLowerCase() === "ldaps" ? "ldaps" : "ldap";
  const port = digits === undefined ? PORTS[scheme] : Number(digits);
  const isAddress = authority.startsWith("[");
  const host = isAddress ? authority.slice(1, -1) : authority;
  const dn = decode(dnPart);
  const scope = readScope(scopePart);
  const filter = readFilter(filterPart);
  if (port < 1 || port > 65_535 || (isAddress && !isIPv6(host))) return undefined;
  if (dn === undefined || scope === undefined || filter === undefined) return undefined;
  // A name that only looks like one would bind anonymously, which succeeds (RFC 4513 section 5.1).
  if (dn !== "" && !normalizeDn(dn)) return undefined;
  if (/(?:^|,)!/.test(parts[7] ?? "")) return undefined;
  return {
    scheme,
    host: host.toLowerCase(),
    port,
    ...(dn !== "" && { dn }),
    ...(scope !== "" && { scope }),
    ...(filter !== "" && { filter }),
  };
}

function decode(part: string): string | undefined {
  const decoded = percentDecode(part);
  return "text" in decoded ? decoded.text : undefined;
}

function readScope(part: string): SearchQuery["scope"] | "" | undefined {
  const scope = part.toLowerCase();
  return scope === "" || scope === "base" || scope === "one" || scope === "sub" ? scope : undefined;
}

function readFilter(part: string): Filter | "" | undefined {
  const text = decode(part);
  if (text === undefined || text === "") return text;
  try {
    return parseFilter(text);
  } catch {
    return undefined;
  }
}
