import type { ErrorRequestHandler, NextFunction, Request, Response } from "express";
import { createChanges } from "./authentication/changes.ts";
import type { AuthenticationResult, Credentials } from "./authentication/credentials.ts";
import { type Decision, denied, undecided } from "./authorization/decision.ts";
import {
  type ExplainQuery,
  type ExplainSettings,
  prepareExplain,
} from "./authorization/explain.ts";
import type { DirectoryHealth } from "./directory/directory.ts";
import { ConfigError } from "./errors.ts";
import type { AttributeKeys } from "./ldap/attribute-keys.ts";
import type { Metrics } from "./observation/metrics.ts";
import { createObserver } from "./observation/observer.ts";
import { openRealm } from "./open-realm.ts";
import type { JudgeByTables } from "./open-restrictions.ts";
import type { AuthnzLdapOptions } from "./options/authnz-ldap-options.ts";
import { resolveOptions } from "./options/resolve.ts";
import type { Restriction } from "./tables/restriction.ts";
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
   * Checks a name and a password without a request: for WebSockets, jobs, tests. Not throttled, and whatever `mechanisms` says, which is about visitors. With the reason `restricted` there is what a table of
   * `restrictions` says. Rejects with a `DirectoryError` if the directory, or a table, could not say.
   */
  authenticate(
    credentials: Credentials,
  ): Promise<AuthenticationResult & { readonly restriction?: Restriction }>;
  /**
   * Decides a rule, or a guard's, about somebody as their login and a request would, without their password and without letting
   * anybody in; the decision says why, and what was asked of the directory. It is asked as the service account. Rules about a request
   * are `undecided`. Not for the public. Rejects with a `ConfigError` for a rule that can't be one.
   */
  explain(query: ExplainQuery): Promise<Decision>;
  /**
   * An Express error handler for the end of the app: answers a failed session store or directory with 503 in the style of
   * the other answers, and a `ConfigError` (a guard without an `authnzLdap` before it, say) with 500 `misconfigured`, without
   * details; the log has them. Passes on all other errors.
   */
  readonly errorHandler: ErrorRequestHandler;
  /** The state of the directory's servers, and of those of `otherProviders`; asks nobody. Names hosts: not for the public. */
  health(): DirectoryHealth;
  /** What happened so far, as plain numbers: logins, operations, memory, connections. See docs/events.md. */
  metrics(): Metrics;
  /**
   * Ends all sessions of a person, by the name of their entry in any letter case, and drops what is remembered of them; see docs/revocation.md. Returns how many
   * sessions were known. Rejects with an error if Redis (`redis`) could not be asked.
   */
  revoke(username: string): Promise<number>;
  /** Drops what is remembered of a person in this process: their next request asks the directory. */
  invalidate(username: string): void;
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
  const settings = resolveOptions(options);
  const { observe, metrics } = createObserver();
  const { realm, authenticate, judge, lookUp, health, close } = openRealm(
    settings,
    observe,
    createChanges(),
  );
  const protect = createProtect(realm, settings.web);
  const { close: letGoOfStores } = protect;
  const handle = Object.assign(protect, {
    authenticated: (req: Request) => whoIs(req, realm) as Authenticated<AttributeKeys<Url>>,
    authenticate: async (credentials: Credentials) => {
      const {
        passedOn: _,
        whose: __,
        ...result
      } = await authenticate(credentials, realm.startDeadline());
      return result;
    },
    explain: prepareExplain({
      lookUp,
      decide: unlessRestricted(judge, (rule, person, deadline) =>
        realm.decide(rule, { person }, deadline),
      ),
      startDeadline: realm.startDeadline,
    }),
    errorHandler: createErrorHandler(realm, settings.web),
    health,
    metrics,
    close: () => close().finally(letGoOfStores),
  });
  // On any route: its parameters are its own business.
  return handle as AuthnzLdap<Url>;
}

/** Who may not sign in, by a table of `restrictions`, passes no rule. */
function unlessRestricted(
  judge: JudgeByTables,
  decide: ExplainSettings["decide"],
): ExplainSettings["decide"] {
  return async (rule, person, deadline) => {
    try {
      const { restriction } = await judge(person, deadline);
      if (restriction === undefined) return decide(rule, person, deadline);
      const { code, enhancedStatus, text } = restriction;
      return denied(`a table of restrictions says ${code} ${enhancedStatus} ${text}`);
    } catch (error) {
      return undecided(error, "asking the tables of restrictions");
    }
  };
}

function whoIs(req: Request, realm: Realm): Authenticated {
  const authenticated = authenticatedOf(req, realm);
  if (authenticated !== undefined) return authenticated;
  throw new ConfigError(
    "Nobody is signed in on this request with this authnzLdap. Mount it before the route, after any other one, and where visitors need not sign in look at req.authenticated first.",
  );
}
