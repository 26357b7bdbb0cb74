import type { Deadline } from "../directory/deadline.ts";
import type { Directory } from "../directory/directory.ts";
import { DirectoryError } from "../errors.ts";
import { type AuthLdapUrl, loginFilter } from "../ldap/auth-ldap-url.ts";
import type { Entry } from "../ldap/entry.ts";
import { areAcceptable } from "./acceptable-credentials.ts";
import type { AuthenticationResult, Credentials, RefusalReason } from "./credentials.ts";
import { attributesToRead, readPerson } from "./read-person.ts";

/** Asks who somebody is. Rejects with a `DirectoryError` if the directory could not say. */
export type Authenticate = (
  credentials: Credentials,
  deadline: Deadline,
) => Promise<AuthenticationResult>;

/**
 * Prepares mod_authnz_ldap's login: search for the name, demand exactly one entry, bind with its DN and the password.
 * `wanted` are the attributes to keep of the entry. Exactly one bind is made per attempt with the visitor's password;
 * where there is nobody to bind as, a decoy takes as long.
 */
export function prepareAuthenticate(
  directory: Directory,
  url: AuthLdapUrl,
  wanted: readonly string[],
): Authenticate {
  const attributes = attributesToRead(url.loginAttribute, wanted);

  return async (credentials, deadline) => {
    if (!areAcceptable(credentials)) return { ok: false, reason: "unacceptable-credentials" };
    const { username, password } = credentials;

    const found = await findEntry(directory, url, username, attributes, deadline);
    if (typeof found === "string") {
      await directory.checkNobody(deadline);
      return { ok: false, reason: found };
    }

    const accepted = await directory.checkPassword(found.dn, password, deadline);
    if (!accepted) return { ok: false, reason: "wrong-password" };
    return { ok: true, person: readPerson(found, username, url.loginAttribute, wanted) };
  };
}

/** The one entry of that name, or why there is none. */
async function findEntry(
  directory: Directory,
  url: AuthLdapUrl,
  username: string,
  attributes: readonly string[],
  deadline: Deadline,
): Promise<Entry | RefusalReason> {
  const { base, scope } = url;
  const filter = loginFilter(url, username);
  try {
    const found = await directory.search({ base, scope, filter, attributes, limit: 2 }, deadline);
    const [entry] = found;
    if (found.length > 1) return "ambiguous-user";
    // A bind with an empty DN is an anonymous one (RFC 4513 section 5.1.1): the root DSE is nobody.
    return entry === undefined || entry.dn === "" ? "unknown-user" : entry;
  } catch (error) {
    if (error instanceof DirectoryError && error.code === "no-such-object") return "unknown-base";
    throw error;
  }
}
