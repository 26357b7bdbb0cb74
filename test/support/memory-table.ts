import type { LdapTable } from "../../src/tables/ldap-table.ts";

/** A table in memory, which notes what it was asked. */
export interface MemoryTable extends LdapTable {
  readonly asked: readonly string[];
  /** What it says from now on; an error is thrown. */
  says(entries: MemoryTableEntries | Error): void;
}

export type MemoryTableEntries = Readonly<Record<string, readonly string[]>>;

/** As tables do, it folds the letter case of keys. */
export function tableOf(entries: MemoryTableEntries, name = "memory"): MemoryTable {
  const asked: string[] = [];
  let current: MemoryTableEntries | Error = entries;
  return {
    name,
    asked,
    says: (now) => {
      current = now;
    },
    lookup: async (key) => {
      asked.push(key);
      if (current instanceof Error) throw current;
      const folded = key.toLowerCase();
      return Object.hasOwn(current, folded) ? current[folded] : undefined;
    },
    close: async () => {},
  };
}
