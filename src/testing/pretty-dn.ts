import { type AttributeTypeAndValue, parseDn } from "../ldap/dn.ts";
import type { Schema } from "./schema.ts";

/** A DN as slapd spells it: types by their names, several values of an RDN in order, special characters as hex. */
export function prettyDn(schema: Schema, text: string): string {
  const rdns = (parseDn(text) ?? []).map((rdn) =>
    rdn
      .map((part) => prettyPart(schema, part))
      .sort()
      .join("+"),
  );
  return rdns.join(",");
}

function prettyPart(schema: Schema, { type, value }: AttributeTypeAndValue): string {
  const name = schema.describe(type)?.name ?? type;
  if (typeof value !== "string") return `${name}=#${value.toString("hex").toUpperCase()}`;
  // RFC 4514 section 2.4: what must be escaped anywhere, and a space or "#" at the ends.
  const escaped = value.replaceAll(/["+,;<=>\\\0]|^[ #]| $/g, escapeAsHex);
  return `${name}=${escaped}`;
}

function escapeAsHex(character: string): string {
  return `\\${character.charCodeAt(0).toString(16).padStart(2, "0").toUpperCase()}`;
}
