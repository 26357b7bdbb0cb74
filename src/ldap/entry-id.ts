import { type Entry, textValues } from "./entry.ts";
import type { Filter } from "./filter.ts";

/** Attributes that name an entry for good: RFC 4530 (OpenLDAP, 389), Active Directory, FreeIPA, 389's own. */
export const ID_ATTRIBUTES: readonly string[] = [
  "entryUUID",
  "objectGUID",
  "ipaUniqueID",
  "nsUniqueId",
];

/** What names an entry for good, also after it was renamed; undefined where the directory has or shows no such thing. */
export function entryId(entry: Entry): string | undefined {
  const attribute = ID_ATTRIBUTES.find((name) => textValues(entry, name).length > 0);
  return attribute && textValues(entry, attribute)[0];
}

/** Finds the entry with this id again. Active Directory's is looked for as the bytes that it is. */
export function entryIdFilter(id: string): Filter {
  if (GUID.test(id)) {
    return { type: "equal", attribute: "objectGUID", value: Buffer.from(id, "base64") };
  }
  const value = Buffer.from(id);
  const names = ID_ATTRIBUTES.filter((name) => name !== "objectGUID");
  return { type: "or", filters: names.map((attribute) => ({ type: "equal", attribute, value })) };
}

/** 16 bytes in base64; all others have hyphens. */
const GUID = /^[A-Za-z0-9+/]{22}==$/;
