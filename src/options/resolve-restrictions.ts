import { ConfigError } from "../errors.ts";
import type { LdapTable } from "../tables/ldap-table.ts";
import type { Authenticated } from "../web/authenticated.ts";
import type { AuthnzLdapOptions, RestrictionOption } from "./authnz-ldap-options.ts";
import { checkKeys } from "./check.ts";

/** A table that may refuse somebody, and what it is asked for: by default their mail or their name. */
export interface RestrictionSettings {
  readonly table: LdapTable;
  readonly key: ((who: Authenticated) => unknown) | undefined;
}

/** Throws a `ConfigError` for what is no table. */
export function resolveRestrictions(
  option: AuthnzLdapOptions["restrictions"],
): readonly RestrictionSettings[] {
  if (option === undefined) return [];
  if (!Array.isArray(option)) throw wrong();
  return option.map(resolveOne);
}

function resolveOne(option: RestrictionOption): RestrictionSettings {
  if (isTable(option)) return { table: option, key: undefined };
  checkKeys(option, ["table", "key"], "restrictions");
  const { table, key } = option;
  if (!isTable(table)) throw wrong();
  if (typeof key === "function") return { table, key };
  throw new ConfigError("restrictions.key must be a function: (who) => what the table is asked.", {
    option: "restrictions.key",
  });
}

function isTable(value: unknown): value is LdapTable {
  const { lookup, name } = Object(value);
  return typeof lookup === "function" && typeof name === "string";
}

function wrong(): ConfigError {
  return new ConfigError(
    "restrictions must be a list of tables of ldapTable(...), or of { table, key }.",
    { option: "restrictions" },
  );
}
