import type { Deadline } from "../directory/deadline.ts";
import type { Directory, Searches } from "../directory/directory.ts";
import { refusesCredentials } from "../directory/result-codes.ts";
import { DirectoryError } from "../errors.ts";
import { type AuthLdapUrl, loginFilter } from "../ldap/auth-ldap-url.ts";
import type { Entry } from "../ldap/entry.ts";
import type { Credentials, RefusalReason } from "./credentials.ts";
import type { InitialBind } from "./initial-bind.ts";
import type { Provider, ProviderResult } from "./provider.ts";
import { attributesToRead, readPerson } from "./read-person.ts";
import { prepareReread } from "./reread.ts";

/** How one directory checks people. */
export interface DirectoryProviderSettings {
  readonly name: string;
  readonly url: AuthLdapUrl;
  /** The attributes to keep of an entry. */
  readonly wanted: readonly string[];
  /** AuthLDAPBindAuthoritative. False: whatever went wrong here, the next provider is asked. */
  readonly isAuthoritative: boolean;
  /** AuthLDAPInitialBindAsUser: as whom a visitor's own search is done. Undefined: as the service account. */
  readonly initialBind: InitialBind | undefined;
}

/**
 * mod_authnz_ldap's login: search for the name, demand exactly one entry, bind with its DN and the password. Exactly one bind is
 * made per attempt with the visitor's password; with `initialBind` one more, for the search.
 */
export function prepareDirectoryProvider(
  directory: Directory,
  settings: DirectoryProviderSettings,
): Provider {
  const { name, url, wanted, isAuthoritative, initialBind } = settings;
  const attributes = attributesToRead(url.loginAttribute, wanted);

  async function ask(credentials: Credentials, deadline: Deadline): Promise<ProviderResult> {
    const { username, password } = credentials;
    const searches = initialBind ? directory.as(initialBind(username), password) : directory;
    const found = await findEntry(searches, url, username, attributes, deadline);
    if (typeof found === "string") return { outcome: "unknown", reason: found };
    const { dn, origin } = found;
    const { accepted } = await directory.checkPassword(dn, password, deadline, origin);
    if (!accepted) return { outcome: "denied", reason: "wrong-password" };
    const person = readPerson(found, username, url.loginAttribute, wanted);
    return { outcome: "granted", person: { ...person, provider: name } };
  }

  return {
    name,
    async authenticate(credentials, deadline) {
      // An unauthenticated bind, which many servers answer with success (RFC 4513 section 5.1.2). Nobody else is asked, as in httpd.
      if (credentials.password === "") {
        return { outcome: "denied", reason: "unacceptable-credentials" };
      }
      try {
        const result = await ask(credentials, deadline);
        if (result.outcome !== "denied" || isAuthoritative) return result;
        return { outcome: "unknown", reason: result.reason };
      } catch (error) {
        if (!(error instanceof DirectoryError)) throw error;
        if (refusesCredentials(error)) {
          const outcome = isAuthoritative ? "denied" : "unknown";
          return { outcome, reason: "wrong-password" };
        }
        if (isAuthoritative) throw error;
        return { outcome: "unknown", reason: "unavailable" };
      }
    },
    async decoy(deadline) {
      try {
        await directory.checkNobody(deadline);
      } catch (error) {
        if (isAuthoritative || !(error instanceof DirectoryError)) throw error;
      }
    },
    reread: prepareReread(directory, url, wanted),
  };
}

/** The one entry of that name, or why there is none. */
export async function findEntry(
  searches: Searches,
  url: AuthLdapUrl,
  username: string,
  attributes: readonly string[],
  deadline: Deadline,
): Promise<Entry | RefusalReason> {
  const { base, scope } = url;
  const filter = loginFilter(url, username);
  try {
    const found = await searches.search({ base, scope, filter, attributes, limit: 2 }, deadline);
    const [entry] = found;
    if (found.length > 1) return "ambiguous-user";
    // A bind with an empty DN is an anonymous one (RFC 4513 section 5.1.1): the root DSE is nobody.
    return entry === undefined || entry.dn === "" ? "unknown-user" : entry;
  } catch (error) {
    if (error instanceof DirectoryError && error.code === "no-such-object") return "unknown-base";
    throw error;
  }
}
