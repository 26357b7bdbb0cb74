import type { Person } from "../authentication/person.ts";
import type { Deadline } from "../directory/deadline.ts";
import type { Directory } from "../directory/directory.ts";
import type { AuthLdapUrl } from "../ldap/auth-ldap-url.ts";
import type { Decision } from "./decision.ts";
import type { Levels } from "./level.ts";

/** Everything a compiled rule may look at. */
export interface Question {
  readonly person: Person;
  readonly directory: Directory;
  readonly deadline: Deadline;
  /** Tells the login attribute, and where `requireSearch` looks. */
  readonly url: AuthLdapUrl;
  /** Undefined where neither the options nor the URL tell what a level is. */
  readonly levels: Levels | undefined;
}

/** A rule that was checked and prepared once, ready to be asked about anybody. Rejects with a `ConfigError` at most. */
export type CompiledRule = (question: Question) => Promise<Decision>;
