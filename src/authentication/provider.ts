import type { Deadline } from "../directory/deadline.ts";
import type { Credentials, RefusalReason } from "./credentials.ts";
import type { Person } from "./person.ts";

/** What one source of people says about credentials. */
export type ProviderResult =
  | { readonly outcome: "granted"; readonly person: Person }
  /** The person is known here, and this is not their password: nobody else is asked. */
  | { readonly outcome: "denied"; readonly reason: RefusalReason }
  /** Nobody of that name here: the next provider is asked. */
  | { readonly outcome: "unknown"; readonly reason: RefusalReason };

/** A source of people: a directory or a password file (httpd's AuthBasicProvider). */
export interface Provider {
  /** Tells it from the others of a chain, also in a session: `ldap`, `file`, or an alias. */
  readonly name: string;
  /** Rejects with a `DirectoryError` if it could not say. */
  authenticate(credentials: Credentials, deadline: Deadline): Promise<ProviderResult>;
  /** Takes about as long as checking a wrong password, without asking about anybody. Rejects with a `DirectoryError`. */
  decoy(deadline: Deadline): Promise<void>;
  /** The same person, read again; undefined if they may not be logged in any more. Rejects with a `DirectoryError`. */
  reread(person: Person, deadline: Deadline): Promise<Person | undefined>;
}
