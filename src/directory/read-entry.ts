import { isUtf8 } from "node:buffer";
import type { AttributeValue, Entry } from "../ldap/entry.ts";
import type { ReceivedEntry } from "./responses.ts";

/** Bytes by their syntax, also where they happen to be valid UTF-8. */
const BINARY = new Set([
  ...["objectguid", "objectsid", "sidhistory", "ms-ds-consistencyguid", "msexchmailboxguid"],
  ...["jpegphoto", "photo", "thumbnailphoto", "thumbnaillogo", "audio"],
  ...["usercertificate", "cacertificate", "usersmimecertificate", "userpkcs12"],
  ...["crosscertificatepair", "certificaterevocationlist", "authorityrevocationlist"],
  "krbprincipalkey",
]);

/** The form in which the rest of the program sees an entry. Attributes that came without values are left out. */
export function readEntry({ dn, attributes }: ReceivedEntry): Entry {
  const byName = new Map<string, readonly AttributeValue[]>();
  for (const [name, received] of attributes) {
    if (received.length === 0) continue;
    const key = name.toLowerCase();
    const values = received.map(isBinary(key) ? copy : decode);
    const known = byName.get(key);
    byName.set(key, known === undefined ? values : [...known, ...values]);
  }
  return { dn, attributes: byName };
}

function isBinary(name: string): boolean {
  if (!name.includes(";")) return BINARY.has(name);
  const [base = "", ...options] = name.split(";");
  return BINARY.has(base) || options.includes("binary");
}

function decode(value: Buffer): AttributeValue {
  return isUtf8(value) ? value.toString("utf8") : copy(value);
}

/** A part of a message would keep the whole message in memory. */
function copy(value: Buffer): Buffer {
  return Buffer.from(value);
}
