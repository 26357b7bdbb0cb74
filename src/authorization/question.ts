import type { Person } from "../authentication/person.ts";
import type { Deadline } from "../directory/deadline.ts";
import type { Searches } from "../directory/directory.ts";
import type { AuthLdapUrl } from "../ldap/auth-ldap-url.ts";
import type { Decision } from "./decision.ts";
import type { Levels } from "./level.ts";
import type { RequestFacts } from "./request-facts.ts";

/** Everything a compiled rule may look at. */
export interface Question {
  /** Who is signed in; undefined where nobody is. Without an entry (`dn` is "") if a file said who it is. */
  readonly person?: Person;
  /** As whom to ask: normally the service account in all three. Undefined where nobody is signed in, or there is no directory. */
  readonly identities?: Identities;
  readonly deadline: Deadline;
  /** Tells the login attribute, and where `requireSearch` looks. Undefined where there is no directory. */
  readonly url: AuthLdapUrl | undefined;
  /** Undefined where neither the options nor the URL tell what a level is. */
  readonly levels: Levels | undefined;
  /** Undefined where there is no request (an explanation): a rule about the request is then undecided. */
  readonly request?: RequestFacts;
  /** Only for httpd's own rules. */
  readonly course?: HttpdCourse;
}

/** AuthLDAPCompareAsUser and AuthLDAPSearchAsUser change some of them; nested groups are read as the user only with both on. */
export interface Identities {
  /** For compares: values, direct members. */
  readonly compare: Searches;
  /** For searches: filters, DNs. */
  readonly search: Searches;
  /** For looking into nested groups. */
  readonly groups: Searches;
}

/**
 * What httpd remembers from one `Require` line to the next within one request. Changed by the rules as they are asked, so it
 * is made anew for each evaluation.
 */
export interface HttpdCourse {
  /** The name as it was sent. */
  readonly name: string;
  /**
   * The entry that the ldap-* rules ask about: the login's, or that of a look-up by name where another provider checked the
   * password (undefined if that finds not exactly one). ldap-search puts the entry it found in its place.
   */
  subject(): Promise<Person | undefined>;
  replaceSubject(entry: Person): void;
  /** An ldap-* rule granted: its values become the AUTHORIZE_ variables. */
  authorize(entry: Person): void;
}

/** A rule that was checked and prepared once, ready to be asked about anybody. Rejects with a `ConfigError` at most. */
export type CompiledRule = (question: Question) => Promise<Decision>;
