import type { ChainResult } from "../../authentication/chain.ts";
import type { Credentials } from "../../authentication/credentials.ts";
import type { Person } from "../../authentication/person.ts";
import type { CompiledRule, Identities } from "../../authorization/question.ts";
import type { Deadline } from "../../directory/deadline.ts";
import type { AuthLdapUrl } from "../../ldap/auth-ldap-url.ts";
import type { Naming } from "../naming.ts";
import type { Realm } from "../realm.ts";
import type { WebSettings } from "../web-settings.ts";
import type { Charsets } from "./charset.ts";
import type { PrepareEnvironment } from "./environment-steps.ts";

/** What the sections that apply to a path amount to: prepared once, and all that the flow is handed. */
export interface Site {
  readonly realm: Realm;
  readonly settings: WebSettings;
  /** Undefined where nothing is required: everybody passes. */
  readonly rule: CompiledRule | undefined;
  /** False for AuthType None and where there is none: then a rule that needs to know who it is refuses. */
  readonly asksForPassword: boolean;
  /** AuthBasicAuthoritative. */
  readonly isAuthoritative: boolean;
  /** AuthzSendForbiddenOnFailure. */
  readonly sendsForbidden: boolean;
  readonly charsets: Charsets;
  readonly environment: PrepareEnvironment;
  /** Asks the providers in turn. Rejects with a `DirectoryError`. */
  authenticate(credentials: Credentials, deadline: Deadline): Promise<ChainResult>;
  /** Asks the directory of the first provider something, for whoever gave no name. Rejects with a `DirectoryError`. */
  askAboutNobody(deadline: Deadline): Promise<void>;
  /** What the directory that checked a person's password calls them; undefined if none did. */
  namingOf(person: Person): Naming | undefined;
  /** The section's directory, which the ldap-* rules ask; undefined without AuthLDAPURL. */
  readonly directory: SiteDirectory | undefined;
}

/** The directory of a site, as far as authorization goes. */
export interface SiteDirectory {
  readonly url: AuthLdapUrl;
  readonly naming: Naming;
  /** Whether it was this module that checked the person's password. */
  knows(person: Person): boolean;
  /** As whom to ask for somebody: as themselves with the as-user modes on, if this module checked their password. */
  identities(person: Person, password: string | undefined): Identities;
  /** The one entry that the URL finds for a name; undefined for none or several. Rejects with a `DirectoryError`. */
  lookUp(name: string, deadline: Deadline): Promise<Person | undefined>;
}
