import type { Deadline } from "../directory/deadline.ts";
import { DirectoryError } from "../errors.ts";
import { type AccessResult, MISCONFIGURED, readAccessResult } from "./access-result.ts";
import type { LdapTable } from "./ldap-table.ts";
import type { Restriction } from "./restriction.ts";

/** What is asked of a table: the keys of somebody, in order. */
export interface AccessQuestion {
  readonly table: LdapTable;
  readonly keys: readonly string[];
}

/** Nobody could look this up, so that nobody can say that it is allowed. */
const NO_KEY: Restriction = Object.freeze({
  kind: "reject",
  code: 554,
  enhancedStatus: "5.7.1",
  text: "Access denied",
});

/** The most keys of one question: an address of the longest domain has as many. */
const MOST_KEYS = 1_000;

/**
 * Looks up keys in order until one is found, and reads what the table says of it; not found is `dunno`. No keys, or one that no directory could hold (empty,
 * with a NUL or half a character), is refused: it could be another's in disguise. Rejects as `table.lookup` does, and with a `DirectoryError`
 * (`timeout`) when time is up between two keys.
 */
export async function checkAccess(
  { table, keys }: AccessQuestion,
  deadline: Deadline,
): Promise<AccessResult> {
  if (keys.length === 0 || keys.length > MOST_KEYS || !keys.every(isUsable)) {
    return { kind: "refuse", action: "no-key", restriction: NO_KEY };
  }
  for (const key of keys) {
    if (deadline.remaining() <= 0) {
      const message = "The tables did not answer in time.";
      throw new DirectoryError(message, { code: "timeout" });
    }
    const values: unknown = await table.lookup(key);
    if (values === undefined) continue;
    return isListOfTexts(values) ? readAccessResult(values.join(",")) : NO_RESULT;
  }
  return { kind: "dunno" };
}

/** Of a table that the application wrote itself. */
const NO_RESULT: AccessResult = {
  kind: "misconfigured",
  action: "",
  restriction: MISCONFIGURED,
};

function isUsable(key: unknown): boolean {
  return typeof key === "string" && key !== "" && !key.includes("\0") && key.isWellFormed();
}

function isListOfTexts(values: unknown): values is readonly string[] {
  return Array.isArray(values) && values.every((value) => typeof value === "string");
}
