import type { ChainResult } from "./authentication/chain.ts";
import { type Person, valuesOf } from "./authentication/person.ts";
import type { Admission, RereadResult } from "./authentication/provider.ts";
import type { Deadline } from "./directory/deadline.ts";
import { ConfigError } from "./errors.ts";
import type { RestrictionSettings } from "./options/resolve-restrictions.ts";
import { type Conclusion, checkRestrictions } from "./tables/check-restrictions.ts";
import type { Restriction } from "./tables/restriction.ts";
import { askDirectory } from "./web/ask-directory.ts";
import { createAuthenticated } from "./web/authenticated.ts";
import { type FindingsAudience, noteFindings } from "./web/note-findings.ts";
import type { RealmReread } from "./web/realm.ts";
import { tableKeys } from "./web/table-keys.ts";

/** What the tables say of somebody who is who they say. Rejects with a `DirectoryError` if one could not say, and with a `ConfigError`. */
export type JudgeByTables = (person: Person, deadline: Deadline) => Promise<Conclusion>;

/** With `reason: "restricted"`: what a table says. */
export type RestrictedResult = ChainResult & { readonly restriction?: Restriction };

/** Asks about somebody who shows something, as `Authenticate` does. */
type Ask<Shown, Result> = (
  shown: Shown,
  deadline: Deadline,
  admission?: Admission,
) => Promise<Result>;

/** What puts tables around the questions of who somebody is. */
export interface Restrictions {
  readonly judge: JudgeByTables;
  /** The same login, which nobody passes whom a table refuses. */
  aroundLogin<Shown>(ask: Ask<Shown, ChainResult>): Ask<Shown, RestrictedResult>;
  /** The same rereading, which ends where a table refuses. */
  aroundReread(ask: Ask<Person, RereadResult>): Ask<Person, RealmReread>;
}

/** `attributes` are those that the application sees of a person. */
export function prepareRestrictions(
  restrictions: readonly RestrictionSettings[],
  attributes: readonly string[],
  audience: FindingsAudience,
): Restrictions {
  const hasMail = attributes.some((each) => each.toLowerCase() === "mail");

  function keysOf({ key }: RestrictionSettings, person: Person): readonly string[] {
    if (key !== undefined) return checkedKeys(key, person, attributes);
    // Somebody of a password file has no mail that could be looked up.
    return hasMail && person.dn !== "" ? valuesOf(person, "mail") : [person.username];
  }

  const judge: JudgeByTables = async (person, deadline) => {
    const questions = restrictions.map((one) => ({ table: one.table, keys: keysOf(one, person) }));
    return askDirectory(deadline, () => checkRestrictions(questions, deadline));
  };

  async function restrict(person: Person, deadline: Deadline): Promise<Restriction | undefined> {
    if (restrictions.length === 0) return undefined;
    const { restriction, findings } = await judge(person, deadline);
    noteFindings(audience, findings, person.username);
    return restriction;
  }

  return {
    judge,
    aroundLogin: (ask) => async (shown, deadline, admission) => {
      const result = await ask(shown, deadline, admission);
      if (!result.ok) return result;
      const { person } = result;
      const restriction = await restrict(person, deadline);
      if (restriction === undefined) return result;
      return { ok: false, reason: "restricted", restriction, whose: person };
    },
    aroundReread: (ask) => async (person, deadline) => {
      const result = await ask(person, deadline);
      if (!result.ok) return result;
      const restriction = await restrict(result.person, deadline);
      return restriction ? { ok: false, reason: "restricted", restriction } : result;
    },
  };
}

/** Throws a `ConfigError` where the application's function does not say what a table can be asked. */
function checkedKeys(
  key: NonNullable<RestrictionSettings["key"]>,
  person: Person,
  attributes: readonly string[],
): readonly string[] {
  const option = "restrictions.key";
  let given: unknown;
  try {
    given = key(createAuthenticated(person, attributes));
  } catch (cause) {
    throw new ConfigError(`${option} failed.`, { option, cause });
  }
  return tableKeys(given, option);
}
