import type { ErrorRequestHandler, NextFunction, Request, Response } from "express";
import { prepareChain } from "./authentication/chain.ts";
import type { AuthenticationResult, Credentials } from "./authentication/credentials.ts";
import { openPasswordFile } from "./authentication/files/password-file.ts";
import type { LookUp } from "./authentication/look-up.ts";
import type { Provider } from "./authentication/provider.ts";
import type { Decision } from "./authorization/decision.ts";
import { type ExplainQuery, prepareExplain } from "./authorization/explain.ts";
import { startDeadline } from "./directory/deadline.ts";
import type { DirectoryHealth } from "./directory/directory.ts";
import { mergeHealth } from "./directory/merge-health.ts";
import { ConfigError } from "./errors.ts";
import type { AttributeKeys } from "./ldap/attribute-keys.ts";
import { openPeople, type People } from "./open-people.ts";
import type { AuthnzLdapOptions } from "./options/authnz-ldap-options.ts";
import { resolveOptions } from "./options/resolve.ts";
import { FIRST, type OtherSettings } from "./options/resolve-other-providers.ts";
import { type Authenticated, authenticatedOf } from "./web/authenticated.ts";
import { createErrorHandler } from "./web/error-handler.ts";
import { prepareNaming } from "./web/naming.ts";
import { createProtect } from "./web/protect.ts";
import type { Asker, Realm } from "./web/realm.ts";

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
  const { ldap, others, levels, web, log } = resolveOptions(options);
  const { url, exposed, timeout } = ldap;
  const first = openPeople(ldap);
  const peopleOf = new Map([[FIRST, first]]);
  for (const other of others) {
    if (other.kind === "directory") peopleOf.set(other.name, openPeople(other.ldap));
  }
  const wanted = [
    ...(exposed.length > 0 ? exposed : [url.loginAttribute]),
    ...(levels ? [levels.attribute] : []),
  ];
  const providers = [
    first.provider(FIRST, wanted),
    ...others.map((other) =>
      other.kind === "file"
        ? openPasswordFile(other.file, { name: other.name, log })
        : openedProvider(peopleOf, other.name, wanted),
    ),
  ];
  const authenticate = prepareChain(providers);
  /** What a person's rules are asked of: the directory that identified them. Somebody of a file has none. */
  const subjectOf = ({ person, password, request }: Asker) => {
    if (person === undefined) return { url };
    const people = peopleOf.get(person.provider ?? FIRST);
    if (people === undefined) return { person, url: undefined };
    const { settings } = people;
    const isNeeded = people === first && realm.asksAsUser && request !== undefined;
    if (isNeeded && password === undefined) throw passwordNeeded();
    return { person, url: settings.url, identities: people.identities(person.dn, password) };
  };
  const realm: Realm = {
    id: realmId(options.url, others),
    attributes: exposed,
    naming: prepareNaming(url, ldap.remoteUser, ldap.authorizePrefix),
    asksAsUser: ldap.searchAsUser || ldap.compareAsUser,
    log,
    startDeadline: () => startDeadline(timeout),
    authenticate,
    reread: async (person, deadline) => {
      const name = person.provider ?? FIRST;
      const provider = providers.find((each) => each.name === name);
      // One that the application has no more says nothing about anybody.
      if (provider === undefined) return { ok: false, reason: "no-provider" };
      return provider.reread(person, deadline);
    },
    decide: async (rule, asker, deadline) =>
      rule({
        ...subjectOf(asker),
        ...(asker.request && { request: asker.request }),
        deadline,
        levels,
      }),
  };
  const protect = createProtect(realm, web);
  const { close: letGoOfStores } = protect;
  const handle = Object.assign(protect, {
    authenticated: (req: Request) => whoIs(req, realm) as Authenticated<AttributeKeys<Url>>,
    authenticate: async (credentials: Credentials): Promise<AuthenticationResult> => {
      const result = await authenticate(credentials, startDeadline(timeout));
      return result.ok ? result : { ok: false, reason: result.reason };
    },
    explain: prepareExplain({
      lookUp: lookUpIn(peopleOf, wanted),
      decide: (rule, person, deadline) => realm.decide(rule, { person }, deadline),
      startDeadline: realm.startDeadline,
    }),
    errorHandler: createErrorHandler(realm, web),
    health: () => mergeHealth([...peopleOf.values()].map(({ directory }) => directory.health())),
    close: async () => {
      const opened = [...peopleOf.values()];
      await Promise.all(opened.map(({ directory }) => directory.close())).finally(letGoOfStores);
    },
  });
  // On any route: its parameters are its own business.
  return handle as AuthnzLdap<Url>;
}

/** A session of one that takes people from elsewhere too is nobody's where these are not asked. */
function realmId(url: string, others: readonly OtherSettings[]): string {
  if (others.length === 0) return url;
  const from = others.map((other) => [
    other.name,
    other.kind === "file" ? other.file : other.ldap.urlText,
  ]);
  return JSON.stringify([url, ...from]);
}

/** Finds somebody in the directories, in turn, as a login does. */
function lookUpIn(peopleOf: ReadonlyMap<string, People>, wanted: readonly string[]): LookUp {
  const lookUps = [...peopleOf].map(([provider, people]) => ({
    provider,
    lookUp: people.lookUp(wanted),
  }));
  return async (name, deadline) => {
    for (const { provider, lookUp } of lookUps) {
      const person = await lookUp(name, deadline);
      if (person) return { ...person, provider };
    }
    return undefined;
  };
}

function openedProvider(
  peopleOf: ReadonlyMap<string, People>,
  name: string,
  wanted: readonly string[],
): Provider {
  const people = peopleOf.get(name);
  if (people === undefined) throw new RangeError(`no directory ${name}`);
  return people.provider(name, wanted);
}

function passwordNeeded(): ConfigError {
  return new ConfigError(
    "searchAsUser and compareAsUser need the password with each request, and there is none: use HTTP Basic.",
    { option: "searchAsUser" },
  );
}

function whoIs(req: Request, realm: Realm): Authenticated {
  const authenticated = authenticatedOf(req, realm);
  if (authenticated !== undefined) return authenticated;
  throw new ConfigError(
    "Nobody is signed in on this request with this authnzLdap. Mount it before the route, after any other one, and where visitors need not sign in look at req.authenticated first.",
  );
}
