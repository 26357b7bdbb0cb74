/** A value as the directory sent it: text where it is valid UTF-8, else bytes. */
export type AttributeValue = string | Buffer;

/** One entry of the directory, normalised: lower-case attribute names, always arrays. */
export interface Entry {
  readonly dn: string;
  /** By lower-case attribute name (options included: `cn;lang-en`). A missing attribute is absent. */
  readonly attributes: ReadonlyMap<string, readonly AttributeValue[]>;
  /** The other server that a referral led to for it. Absent for what is the directory's own. */
  readonly origin?: string;
}

/** An attribute's values as text, bytes that are not UTF-8 as base64; `[]` if the entry has none. */
export function textValues(entry: Entry, attribute: string): readonly string[] {
  const values = entry.attributes.get(attribute.toLowerCase()) ?? [];
  return values.map((value) => (typeof value === "string" ? value : value.toString("base64")));
}
