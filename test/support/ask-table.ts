import assert from "node:assert/strict";
import { ConfigError, DirectoryError } from "../../src/errors.ts";
import { ldapTable } from "../../src/open-table.ts";
import type { LdapTable, LdapTableOptions } from "../../src/tables/ldap-table.ts";

/** What a table says of a key, as `postmap -q` would print it. */
export interface TableAnswer {
  readonly outcome: "found" | "notfound" | "error";
  readonly value: string;
  /** Whether the table could not even be opened. */
  readonly isAtOpen: boolean;
}

/** Opens a table, looks one key up and closes it. Any error that is none of ours is a failure of the test. */
export async function askTable(
  source: Parameters<typeof ldapTable>[0],
  key: string,
  options: LdapTableOptions = {},
): Promise<TableAnswer> {
  let table: LdapTable;
  try {
    table = ldapTable(source, { log: () => {}, ...options });
  } catch (error) {
    assert(error instanceof ConfigError, String(error));
    return { outcome: "error", value: "", isAtOpen: true };
  }
  try {
    const values = await table.lookup(key);
    return values === undefined
      ? { outcome: "notfound", value: "", isAtOpen: false }
      : { outcome: "found", value: values.join(","), isAtOpen: false };
  } catch (error) {
    assert(error instanceof DirectoryError, String(error));
    return { outcome: "error", value: "", isAtOpen: false };
  } finally {
    await table.close();
  }
}
