import type { Request } from "express";
import type { Person } from "../authentication/person.ts";
import type { PasswordWarning } from "../directory/account-answer.ts";
import type { Deadline } from "../directory/deadline.ts";
import type { Authenticated } from "./authenticated.ts";
import type { Environment } from "./environment.ts";
import type { Realm } from "./realm.ts";
import type { WebSettings } from "./web-settings.ts";

/** What `authnzLdap` found out about one request, for the guards that come after it. One record that is filled in as things turn out. */
export interface Visit {
  readonly realm: Realm;
  readonly settings: WebSettings;
  /** The path where the middleware is mounted, safe to build a Location from; empty at the root. */
  readonly base: string;
  /** Whether visitors can use the login form: is there a session to keep the login in? */
  readonly hasLoginForm: boolean;
  deadline: Deadline;
  /** Undefined while nobody is identified. */
  person?: Person;
  /** The same for the application; made when it is looked at, which most requests never do. */
  authenticated?: () => Authenticated;
  /** How the person was identified; somebody who uses Basic can't sign out. */
  by?: "session" | "basic";
  /** What the check of this request's own password said of it; a session keeps its own. */
  warning?: PasswordWarning | undefined;
  /** The request's variables; made when they are looked at. Absent where nobody was identified. */
  environment?: (() => Environment) | undefined;
  /** That its variables are httpd's, and no guard of the application changes them. */
  readonly keepsEnvironment?: true;
  /** Only where guards ask as the person; never outlives the request. */
  password?: string;
}

/** Its constructor returns the request it is given, so that the private field of a class above it lies on that. */
const OnRequest = class {
  constructor(req: Request) {
    // biome-ignore lint/correctness/noConstructorReturn: the only way to a private field on an object of somebody else's
    return req;
  }
} as new (
  req: Request,
) => object;

/**
 * A private field of the request, which nobody else can read, set or see. A WeakMap would be as private, but costs each request, and each
 * garbage collection, several times as much.
 */
class Visited extends OnRequest {
  #visit: Visit | undefined;

  static remember(req: object, visit: Visit): void {
    const visited = #visit in req ? req : new Visited(req as Request);
    visited.#visit = visit;
  }

  static visitOf(req: object): Visit | undefined {
    return #visit in req ? req.#visit : undefined;
  }
}

export function rememberVisit(req: Request, visit: Visit): void {
  Visited.remember(req, visit);
}

/** Undefined where no `authnzLdap` has seen this request. */
export function visitOf(req: Request): Visit | undefined {
  return Visited.visitOf(req);
}
