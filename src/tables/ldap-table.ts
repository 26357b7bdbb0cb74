import type { Log } from "../log.ts";

/** A look-up table in a directory, as Postfix has them (ldap_table(5)). */
export interface LdapTable {
  /** How messages call it: the file, or `ldap table`. */
  readonly name: string;
  /**
   * What `postmap -q` answers: the values in its order (it joins them with commas), or undefined for "not found". Rejects with a `DirectoryError` where the
   * directory could not say or the answer is larger than the table's limits: never a part of it.
   */
  lookup(key: string): Promise<readonly string[] | undefined>;
  /** Closes its connections. */
  close(): Promise<void>;
}

/** How a table is opened. */
export interface LdapTableOptions {
  /** Where warnings go. Default: standard error, one JSON object per line. */
  readonly log?: Log;
  /** Whether keys are looked up in lower case, as Postfix does but for `postmap -f`. Default: true. */
  readonly foldKeys?: boolean;
  /** Hears of each search when its answer is there. Default: nobody does. */
  readonly onSearch?: (search: TableSearch) => void;
}

/** A search that a look-up made. Holds no password. */
export interface TableSearch {
  /** `ldap://host:port`. */
  readonly server: string | undefined;
  readonly base: string;
  readonly scope: "base" | "one" | "sub";
  /** RFC 4515 text. */
  readonly filter: string;
  readonly attributes: readonly string[];
  /** How many entries were found. */
  readonly entries: number;
}
