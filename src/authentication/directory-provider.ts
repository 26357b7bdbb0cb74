import type { PasswordVerdict } from "../directory/account-answer.ts";
import type { Deadline } from "../directory/deadline.ts";
import type { Directory, Searches } from "../directory/directory.ts";
import { DirectoryError } from "../errors.ts";
import { type AuthLdapUrl, loginFilter } from "../ldap/auth-ldap-url.ts";
import type { Entry } from "../ldap/entry.ts";
import { ACCOUNT_ATTRIBUTES } from "./account-state.ts";
import { concludeLogin, withAuthority } from "./conclude-login.ts";
import type { Credentials, RefusalReason } from "./credentials.ts";
import type { InitialBind } from "./initial-bind.ts";
import { type KnownPerson, rememberPeople } from "./known-people.ts";
import { identityOf, type Person } from "./person.ts";
import type { Admission, Provider, ProviderResult } from "./provider.ts";
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
  /** Whether what an entry says of its account counts, see account-state.ts. */
  readonly looksAtAccount: boolean;
}

/** One try to log in. */
interface Attempt {
  readonly credentials: Credentials;
  readonly deadline: Deadline;
  readonly admission: Admission | undefined;
}

/**
 * mod_authnz_ldap's login: search for the name, demand exactly one entry, bind with its DN and the password. One bind is made per attempt
 * with the visitor's password; with `initialBind` one more, for the search, and one more where an entry has moved since its last login.
 */
export function prepareDirectoryProvider(
  directory: Directory,
  settings: DirectoryProviderSettings,
): Provider {
  const { name, url, wanted, isAuthoritative, initialBind, looksAtAccount } = settings;
  const attributes = attributesToRead(
    url.loginAttribute,
    looksAtAccount ? [...wanted, ...ACCOUNT_ATTRIBUTES] : wanted,
  );

  const knownPeople = rememberPeople();

  async function ask(attempt: Attempt): Promise<ProviderResult> {
    const { username, password } = attempt.credentials;
    const known = initialBind ? undefined : knownPeople.get(username);
    if (known) return askAboutKnown(known, attempt);
    const searches = initialBind ? directory.as(initialBind(username), password) : directory;
    const found = await findEntry(searches, url, username, attributes, attempt.deadline);
    if (typeof found === "string") return { outcome: "unknown", reason: found };
    return bind(found, attempt);
  }

  /**
   * One round trip: the password is checked where the entry stood at the last login, while it is searched for again. The check counts only if
   * it is the same entry and there still; one that has moved is bound once more, where it is now.
   */
  async function askAboutKnown(known: KnownPerson, attempt: Attempt): Promise<ProviderResult> {
    const { credentials, deadline, admission } = attempt;
    const { username, password } = credentials;
    const { dn, id } = known.person;
    await admission?.admit(identityOf(known.person), deadline);
    try {
      const [found, verdict] = await Promise.all([
        findEntry(directory, url, username, attributes, deadline),
        directory.checkPassword(dn, password, deadline, known.origin),
      ]);
      if (typeof found !== "string") {
        const person = personOf(found, username);
        const isSame = found.dn === dn && person.id === id && found.origin === known.origin;
        if (isSame) {
          const result = conclude(found, person, verdict, username);
          if (result.outcome === "denied" && result.state === undefined) {
            await searchInVain(username, deadline);
          }
          return result;
        }
        return await bind(found, attempt);
      }
      knownPeople.forget(username);
      return { outcome: "unknown", reason: found };
    } catch (error) {
      knownPeople.forget(username);
      throw error;
    }
  }

  /**
   * Names that nobody has logged in with take a search and a bind one after the other, and a refusal that came sooner would tell which names somebody has
   * logged in with.
   */
  async function searchInVain(username: string, deadline: Deadline): Promise<void> {
    try {
      await findEntry(directory, url, username, attributes, deadline);
    } catch (error) {
      if (!(error instanceof DirectoryError)) throw error;
    }
  }

  async function bind(entry: Entry, attempt: Attempt): Promise<ProviderResult> {
    const { credentials, deadline, admission } = attempt;
    const { username, password } = credentials;
    const person = personOf(entry, username);
    await admission?.admit(identityOf(person), deadline);
    const { dn, origin } = entry;
    const verdict = await directory.checkPassword(dn, password, deadline, origin);
    return conclude(entry, person, verdict, username);
  }

  function personOf(entry: Entry, username: string): Person {
    return { ...readPerson(entry, username, url.loginAttribute, wanted), provider: name };
  }

  function conclude(
    entry: Entry,
    person: Person,
    verdict: PasswordVerdict,
    username: string,
  ): ProviderResult {
    const result = concludeLogin({ entry, person }, verdict, looksAtAccount);
    if (result.outcome === "granted") knownPeople.remember(username, person, entry);
    return result;
  }

  return {
    name,
    async authenticate(credentials, deadline, admission) {
      // An unauthenticated bind, which many servers answer with success (RFC 4513 section 5.1.2). Nobody else is asked, as in httpd.
      if (credentials.password === "") {
        return { outcome: "denied", reason: "unacceptable-credentials" };
      }
      return withAuthority(isAuthoritative, () => ask({ credentials, deadline, admission }));
    },
    async decoy(deadline) {
      try {
        await directory.checkNobody(deadline);
      } catch (error) {
        if (isAuthoritative || !(error instanceof DirectoryError)) throw error;
      }
    },
    reread: prepareReread(directory, { url, wanted, looksAtAccount }),
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
