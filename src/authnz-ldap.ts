import type { ErrorRequestHandler, NextFunction, Request, Response } from "express";
import { prepareAuthenticate } from "./authentication/authenticate.ts";
import type { AuthenticationResult, Credentials } from "./authentication/credentials.ts";
import { prepareReread } from "./authentication/reread.ts";
import { startDeadline } from "./directory/deadline.ts";
import type { DirectoryHealth } from "./directory/directory.ts";
import { openDirectory } from "./directory/open-directory.ts";
import { ConfigError } from "./errors.ts";
import type { AttributeKeys } from "./ldap/attribute-keys.ts";
import type { AuthnzLdapOptions } from "./options/authnz-ldap-options.ts";
import { resolveOptions } from "./options/resolve.ts";
import { type Authenticated, authenticatedOf } from "./web/authenticated.ts";
import { createErrorHandler } from "./web/error-handler.ts";
import { createProtect } from "./web/protect.ts";
import type { Realm } from "./web/realm.ts";

declare global {
  namespace Express {
    interface Request {
      /** Who is signed in, and the URL's attributes of their entry; undefined where nobody is. Set by `authnzLdap`. */
      readonly authenticated?: Authenticated;
    }
  }
}

/** The middleware, and what an operator needs of it. */
export interface AuthnzLdap<Url extends string = string> {
  <Params, ResBody, ReqBody, Query>(
    req: Request<Params, ResBody, ReqBody, Query>,
    res: Response,
    next: NextFunction,
  ): void;
  /**
   * `req.authenticated` with the URL's own attributes as its type: `ldap.authenticated(req).MYWEBACCESS`. Throws where
   * nobody is signed in; with `anonymous: "allow"` look at `req.authenticated` first.
   */
  authenticated(req: Request): Authenticated<AttributeKeys<Url>>;
  /**
   * Checks a name and a password without a request: for WebSockets, jobs, tests. Not throttled. Rejects with a
   * `DirectoryError` if the directory could not say.
   */
  authenticate(credentials: Credentials): Promise<AuthenticationResult>;
  /**
   * An Express error handler for the end of the app: answers a failed session store or directory with 503 in the style of
   * the other answers, and a `ConfigError` (a guard without an `authnzLdap` before it, say) with 500 `misconfigured`, without
   * details; the log has them. Passes on all other errors.
   */
  readonly errorHandler: ErrorRequestHandler;
  /** The state of the directory's servers; asks nobody. Names hosts: not for the public. */
  health(): DirectoryHealth;
  /** Refuses new work, waits for what is under way, and closes all connections to the directory. */
  close(): Promise<void>;
}

/**
 * Apache's mod_authnz_ldap as Express middleware: login against the directory that an AuthLDAPURL names, by HTTP Basic and,
 * with express-session mounted before it, by a login form. Fills `req.authenticated` and lets the guards ask. Opens no
 * connection before the first login, so an app starts while its directory is down. Throws a `ConfigError` if an option can't
 * work.
 */
export function authnzLdap<const Url extends string>(
  options: AuthnzLdapOptions<Url>,
): AuthnzLdap<Url> {
  const {
    url,
    exposed,
    levels,
    timeout,
    directory: directorySettings,
    web,
    log,
  } = resolveOptions(options);
  const wanted = levels ? [...exposed, levels.attribute] : exposed;
  const directory = openDirectory(directorySettings);
  const authenticate = prepareAuthenticate(directory, url, wanted);
  const realm: Realm = {
    id: options.url,
    attributes: exposed,
    log,
    startDeadline: () => startDeadline(timeout),
    authenticate,
    reread: prepareReread(directory, url, wanted),
    decide: (rule, person, deadline) => rule({ person, directory, deadline, url, levels }),
  };
  const protect = createProtect(realm, web);
  const { close: letGoOfStores } = protect;
  const handle = Object.assign(protect, {
    authenticated: (req: Request) => whoIs(req, realm) as Authenticated<AttributeKeys<Url>>,
    authenticate: (credentials: Credentials) => authenticate(credentials, startDeadline(timeout)),
    errorHandler: createErrorHandler(realm, web),
    health: () => directory.health(),
    close: () => directory.close().finally(letGoOfStores),
  });
  // On any route: its parameters are its own business.
  return handle as AuthnzLdap<Url>;
}

function whoIs(req: Request, realm: Realm): Authenticated {
  const authenticated = authenticatedOf(req, realm);
  if (authenticated !== undefined) return authenticated;
  throw new ConfigError(
    "Nobody is signed in on this request with this authnzLdap. Mount it before the route, after any other one, and where visitors need not sign in look at req.authenticated first.",
  );
}
