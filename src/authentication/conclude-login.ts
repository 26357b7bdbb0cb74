import type { PasswordVerdict } from "../directory/account-answer.ts";
import { refusesCredentials } from "../directory/result-codes.ts";
import { DirectoryError } from "../errors.ts";
import type { Entry } from "../ldap/entry.ts";
import { judgeAccount } from "./account-state.ts";
import type { Person } from "./person.ts";
import type { ProviderResult } from "./provider.ts";

/** Whose password was checked. */
export interface CheckedPerson {
  readonly entry: Entry;
  readonly person: Person;
}

/** What a verdict on somebody's password means, and their account's state, where that is looked at. */
export function concludeLogin(
  { entry, person }: CheckedPerson,
  verdict: PasswordVerdict,
  looksAtAccount: boolean,
): ProviderResult {
  const { accepted, state, warning } = looksAtAccount ? judgeAccount(entry, verdict) : verdict;
  if (state !== undefined) return { outcome: "denied", reason: state, state, person };
  if (!accepted) return { outcome: "denied", reason: "wrong-password", person };
  return { outcome: "granted", person, ...(warning ? { warning } : {}) };
}

/**
 * AuthLDAPBindAuthoritative: what a directory says of a login counts for good, or, where it is not authoritative, only what lets in or tells of an account's
 * state; then the next provider is asked.
 */
export async function withAuthority(
  isAuthoritative: boolean,
  ask: () => Promise<ProviderResult>,
): Promise<ProviderResult> {
  try {
    const result = await ask();
    if (result.outcome !== "denied" || result.state || isAuthoritative) return result;
    const { reason, person } = result;
    return { outcome: "unknown", reason, ...(person ? { person } : {}) };
  } catch (error) {
    if (!(error instanceof DirectoryError)) throw error;
    if (refusesCredentials(error)) {
      const { state } = error;
      if (state !== undefined) return { outcome: "denied", reason: state, state };
      const outcome = isAuthoritative ? "denied" : "unknown";
      return { outcome, reason: "wrong-password" };
    }
    if (isAuthoritative) throw error;
    return { outcome: "unknown", reason: "unavailable" };
  }
}
