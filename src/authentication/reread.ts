import type { Deadline } from "../directory/deadline.ts";
import type { Searches } from "../directory/directory.ts";
import { DirectoryError } from "../errors.ts";
import { ANY_ENTRY, type AuthLdapUrl } from "../ldap/auth-ldap-url.ts";
import type { Person } from "./person.ts";
import type { RereadResult } from "./provider.ts";
import { attributesToRead, readPerson } from "./read-person.ts";

/** Reads somebody again who logged in earlier. Rejects with a `DirectoryError`. */
export type Reread = (person: Person, deadline: Deadline) => Promise<RereadResult>;

/**
 * Prepares the look at a person that a live session takes from time to time: their entry must still stand where it
 * stood, be the same one, and match the URL's filter.
 */
export function prepareReread(
  directory: Searches,
  url: AuthLdapUrl,
  wanted: readonly string[],
): Reread {
  const attributes = attributesToRead(url.loginAttribute, wanted);
  const filter = url.filter ?? ANY_ENTRY;

  return async (person, deadline) => {
    const query = { base: person.dn, scope: "base", filter, attributes, limit: 1 } as const;
    try {
      const [entry] = await directory.search(query, deadline);
      if (entry === undefined) return { ok: false, reason: "no-match" };
      const now = readPerson(entry, person.username, url.loginAttribute, wanted);
      if (now.id !== person.id) return { ok: false, reason: "replaced" };
      const { provider } = person;
      return { ok: true, person: provider === undefined ? now : { ...now, provider } };
    } catch (error) {
      if (error instanceof DirectoryError && error.code === "no-such-object") {
        return { ok: false, reason: "gone" };
      }
      throw error;
    }
  };
}
