import { normalizeDn } from "../../ldap/dn.ts";

/** Whether two DNs that the directory sent are one entry's. */
export function isSameEntry(one: string, other: string): boolean {
  if (one === "" || other === "") return false;
  return (
    one === other || (normalizeDn(one) !== undefined && normalizeDn(one) === normalizeDn(other))
  );
}
