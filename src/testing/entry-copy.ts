import { isUtf8 } from "node:buffer";
import type { Entry } from "../ldap/entry.ts";
import type { DirectoryState } from "./directory-state.ts";
import type { StoredEntry } from "./entry-tree.ts";

/** A copy of an entry for assertions, in the shape in which the directory's clients get theirs. */
export function toEntry({ view }: DirectoryState, entry: StoredEntry): Entry {
  return {
    dn: entry.dn,
    attributes: new Map(
      view
        .all(entry)
        .map(({ description, values }) => [
          description.key,
          values.map((value) => (isUtf8(value) ? value.toString() : Buffer.from(value))),
        ]),
    ),
  };
}
