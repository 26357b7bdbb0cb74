import type { Request } from "express";
import type { Person } from "../authentication/person.ts";
import type { Deadline } from "../directory/deadline.ts";
import type { Authenticated } from "./authenticated.ts";
import type { Realm } from "./realm.ts";
import type { WebSettings } from "./web-settings.ts";

/** What `authnzLdap` found out about one request, for the guards that come after it. */
export interface Visit {
  readonly realm: Realm;
  readonly settings: WebSettings;
  /** The path where the middleware is mounted, safe to build a Location from; empty at the root. */
  readonly base: string;
  /** Whether visitors can use the login form: is there a session to keep the login in? */
  readonly hasLoginForm: boolean;
  readonly deadline: Deadline;
  /** Undefined while nobody is identified. */
  readonly person?: Person;
  readonly authenticated?: Authenticated;
  /** How the person was identified; somebody who uses Basic can't sign out. */
  readonly by?: "session" | "basic";
  /** That its variables are httpd's, and no guard of the application changes them. */
  readonly keepsEnvironment?: true;
  /** Only where guards ask as the person; never outlives the request. */
  readonly password?: string;
}

// Keyed by the request itself: a property of it could be set by whoever comes earlier.
const visits = new WeakMap<Request, Visit>();

export function rememberVisit(req: Request, visit: Visit): void {
  visits.set(req, visit);
}

/** Undefined where no `authnzLdap` has seen this request. */
export function visitOf(req: Request): Visit | undefined {
  return visits.get(req);
}
