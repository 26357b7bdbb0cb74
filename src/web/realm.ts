import type { Changes } from "../authentication/changes.ts";
import type { AuthenticationResult, Credentials, Proof } from "../authentication/credentials.ts";
import type { ScramSalt } from "../authentication/mechanisms/stored-scram.ts";
import type { PasswordChange, PasswordChangeResult } from "../authentication/password-change.ts";
import type { Person } from "../authentication/person.ts";
import type { Admission, RereadResult } from "../authentication/provider.ts";
import type { Decision } from "../authorization/decision.ts";
import type { CompiledRule } from "../authorization/question.ts";
import type { RequestFacts } from "../authorization/request-facts.ts";
import type { Deadline } from "../directory/deadline.ts";
import type { Observe } from "../events.ts";
import type { Log } from "../log.ts";
import type { Restriction } from "../tables/restriction.ts";
import type { Naming } from "./naming.ts";

/** What web/ is handed: the two questions it asks, and nothing about how they are answered. */
export interface Realm {
  /**
   * Tells the sessions of this directory from those of another one in the same app, and survives a restart: the
   * AuthLDAPURL. A session that was begun under another id counts as nobody's.
   */
  readonly id: string;
  /** The URL's attributes as spelled there: the keys of `req.authenticated` in upper case. */
  readonly attributes: readonly string[];
  /** What somebody's variables are called, see `environment`. */
  readonly naming: Naming;
  /** Whether guards ask as the person (`searchAsUser`, `compareAsUser`): then their password is needed with each request. */
  readonly asksAsUser: boolean;
  readonly log: Log;
  /** Begins to follow changes in the directory; called with each request, and does something with the first. Default: nothing. */
  follow?(): void;
  /** Starts the time budget of one request; authentication and all guards share it. */
  startDeadline(): Deadline;
  /** Hears of events. Default: nobody does. */
  readonly observe?: Observe;
  /** What is known to have changed. Default: nothing ever is. */
  readonly changes?: Changes;
  /** Who is it? Rejects with a `DirectoryError` if nobody could say, and with `TooManyTries` where the admission does. */
  authenticate(
    credentials: Credentials,
    deadline: Deadline,
    admission?: Admission,
  ): Promise<RealmResult>;
  /**
   * What is remembered of a name and a password that a request with HTTP Basic brings; undefined means: ask. Never for a new session. Default: nothing
   * is remembered.
   */
  recall?(credentials: Credentials): RealmResult | undefined;
  /** Forgets what is remembered of a name, as it was typed. Default: nothing is remembered. */
  forget?(username: string): void;
  /** The same for who answers a challenge. Absent where no such mechanism is offered. Rejects as `authenticate` does. */
  prove?(proof: Proof, deadline: Deadline, admission?: Admission): Promise<RealmResult>;
  /** What SCRAM tells a name before it has shown anything; the same for a name that nobody has. Absent where that is not offered. Rejects with a `DirectoryError`. */
  scramSalt?(username: string, deadline: Deadline): Promise<ScramSalt>;
  /** The same person, read again. Rejects with a `DirectoryError`. */
  reread(person: Person, deadline: Deadline): Promise<RealmReread>;
  /**
   * Sets a new password for somebody who knows the old one. Absent where that is not offered. Rejects with a `DirectoryError`, and with
   * `TooManyTries` where the admission does.
   */
  changePassword?(
    change: PasswordChange,
    deadline: Deadline,
    admission?: Admission,
  ): Promise<PasswordChangeResult>;
  /** May they? Rejects with a `ConfigError` at most. */
  decide(rule: CompiledRule, asker: Asker, deadline: Deadline): Promise<Decision>;
}

/** With `reason: "restricted"`: what a table of `restrictions` says. */
export type RealmReread = RereadResult & { readonly restriction?: Restriction };

/** What a realm says about credentials. */
export type RealmResult = AuthenticationResult & {
  /** With `reason: "restricted"`: the password was right, and this is what a table of `restrictions` says. */
  readonly restriction?: Restriction;
  /** Answered from memory: this password of this name was checked a moment ago, so it is no new guess. */
  readonly remembered?: true;
  /** When the directory was asked, in milliseconds of `performance.now()`. Default: when whoever got this asked. */
  readonly askedAt?: number;
};

/** Whose request it is that a rule is asked about. */
export interface Asker {
  /** Undefined while nobody is signed in. */
  readonly person?: Person | undefined;
  /** Only where guards ask as the person, and only for as long as the request lasts. */
  readonly password?: string | undefined;
  readonly request?: RequestFacts | undefined;
}
