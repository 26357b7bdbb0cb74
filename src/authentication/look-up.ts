import type { Deadline } from "../directory/deadline.ts";
import type { Searches } from "../directory/directory.ts";
import { DirectoryError } from "../errors.ts";
import type { AuthLdapUrl } from "../ldap/auth-ldap-url.ts";
import { findEntry } from "./directory-provider.ts";
import type { Person } from "./person.ts";
import { attributesToRead, readPerson } from "./read-person.ts";

/** Finds somebody by name, without a password: undefined unless it is exactly one entry. Rejects with a `DirectoryError`. */
export type LookUp = (name: string, deadline: Deadline) => Promise<Person | undefined>;

/** Prepares the search of a login, for whoever wants to know about somebody and not let them in. */
export function prepareLookUp(
  searches: Searches,
  url: AuthLdapUrl,
  wanted: readonly string[],
): LookUp {
  const attributes = attributesToRead(url.loginAttribute, wanted);
  return async (name, deadline) => {
    const found = await findEntry(searches, url, name, attributes, deadline);
    if (found === "unknown-base") {
      throw new DirectoryError(`${url.base}: no such base to look for people`, {
        code: "no-such-object",
      });
    }
    return typeof found === "string"
      ? undefined
      : readPerson(found, name, url.loginAttribute, wanted);
  };
}
