import type { AttributeValue } from "./entry.ts";
import { formatDn } from "./format-dn.ts";
import { type AttributeTypeAndValue, type Dn, parseDn, type Rdn } from "./parse-dn.ts";

export { escapeDnValue, formatDn } from "./format-dn.ts";
export { type AttributeTypeAndValue, type Dn, parseDn, type Rdn } from "./parse-dn.ts";

/** The OIDs and long names of the types that DNs are made of (RFC 4514 section 3, RFC 4519, RFC 2985). */
const SHORT_NAMES: ReadonlyMap<string, string> = new Map([
  ["2.5.4.3", "cn"],
  ["commonname", "cn"],
  ["2.5.4.4", "sn"],
  ["surname", "sn"],
  ["2.5.4.5", "serialnumber"],
  ["2.5.4.6", "c"],
  ["countryname", "c"],
  ["2.5.4.7", "l"],
  ["localityname", "l"],
  ["2.5.4.8", "st"],
  ["stateorprovincename", "st"],
  ["2.5.4.9", "street"],
  ["streetaddress", "street"],
  ["2.5.4.10", "o"],
  ["organizationname", "o"],
  ["2.5.4.11", "ou"],
  ["organizationalunitname", "ou"],
  ["2.5.4.12", "title"],
  ["2.5.4.41", "name"],
  ["2.5.4.42", "givenname"],
  ["gn", "givenname"],
  ["2.5.4.43", "initials"],
  ["2.5.4.44", "generationqualifier"],
  ["2.5.4.45", "x500uniqueidentifier"],
  ["2.5.4.46", "dnqualifier"],
  ["0.9.2342.19200300.100.1.1", "uid"],
  ["userid", "uid"],
  ["0.9.2342.19200300.100.1.3", "mail"],
  ["rfc822mailbox", "mail"],
  ["0.9.2342.19200300.100.1.25", "dc"],
  ["domaincomponent", "dc"],
  ["1.2.840.113549.1.9.1", "email"],
  ["emailaddress", "email"],
]);

/**
 * One spelling for all spellings of a DN, for use as a key; undefined if the text is no DN. Types are lower-cased, OIDs
 * get their names, the parts of an RDN an order. Values fold as caseIgnoreMatch does (RFC 4517 section 4.2.11): letter
 * case, spaces at the ends and repeated spaces do not count. Accents, full-width letters and look-alikes do.
 */
export function normalizeDn(text: string): string | undefined {
  const dn = parseDn(text);
  return dn && normalKey(dn);
}

function normalKey(dn: Dn): string {
  return formatDn(dn.map(normalizeRdn));
}

function normalizeRdn(rdn: Rdn): Rdn {
  if (rdn.length === 1) return rdn.map(normalizePart);
  return rdn
    .map(normalizePart)
    .map((part) => ({ part, key: formatDn([[part]]) }))
    .sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)))
    .map(({ part }) => part);
}

function normalizePart({ type, value }: AttributeTypeAndValue): AttributeTypeAndValue {
  const name = type.toLowerCase();
  return { type: SHORT_NAMES.get(name) ?? name, value: foldValue(value) };
}

function foldValue(value: AttributeValue): AttributeValue {
  if (typeof value !== "string") return value;
  const squeezed = value.toLowerCase().replace(/ +/g, " ");
  return squeezed === " " ? squeezed : squeezed.replace(/^ | $/g, "");
}
