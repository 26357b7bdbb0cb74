import type { Deadline } from "../../directory/deadline.ts";
import type { Searches } from "../../directory/directory.ts";
import type { Filter } from "../../ldap/filter.ts";
import { type Decision, denied, granted, unanswerable, undecided } from "../decision.ts";

/** Whom to ask, and whether a "no" has to be a real one. */
export interface Asker {
  readonly searches: Searches;
  readonly deadline: Deadline;
  readonly negated: boolean;
}

/**
 * Does an entry match? Where a no lets in, its opposite has to match too: what can't be read matches neither (RFC 4511 section 4.5.1.7).
 */
export async function matches(dn: string, filter: Filter, asker: Asker): Promise<Decision> {
  const { searches, deadline, negated } = asker;
  const finds = async (one: Filter) => {
    const query = { base: dn, scope: "base", filter: one, attributes: [], limit: 1 } as const;
    return (await searches.search(query, deadline)).length === 1;
  };
  try {
    if (await finds(filter)) return granted(dn);
    if (!negated || (await finds({ type: "not", filter }))) return denied(`${dn} does not match`);
    return unanswerable(`${dn} does not show whether it matches`);
  } catch (error) {
    return undecided(error, `searching ${dn}`);
  }
}
