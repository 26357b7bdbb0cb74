import type { DirectoryState } from "./directory-state.ts";
import { parentKey } from "./entry-tree.ts";
import { RESULT, type Result } from "./result.ts";

/** The answer about an entry that exists but may not be read: slapd names none above it then. */
export function refuseEntry(access: false | "disclose"): Result {
  return { code: access ? RESULT.insufficientAccessRights : RESULT.noSuchObject };
}

/** The answer for an entry that does not exist, with the deepest one above it unless that one is hidden. */
export function noSuchObject(state: DirectoryState, who: string, key: string): Result {
  for (let above = parentKey(key); above !== ""; above = parentKey(above)) {
    const entry = state.tree.get(above);
    if (entry === undefined) continue;
    const isHidden = state.access({ who, operation: "search", dn: above }) === false;
    return { code: RESULT.noSuchObject, ...(!isHidden && { matchedDn: entry.dn }) };
  }
  return { code: RESULT.noSuchObject };
}
