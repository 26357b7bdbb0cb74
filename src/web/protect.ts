import type { NextFunction, Request, Response } from "express";
import { ConfigError } from "../errors.ts";
import { sendAnswer } from "./answer.ts";
import { challenge, forbid, refuseCredentials, tooMany } from "./answers.ts";
import { createAuthenticated, showAuthenticated } from "./authenticated.ts";
import { readBasic } from "./basic.ts";
import { environmentOf, noteEnvironment } from "./environment.ts";
import { fail } from "./failure.ts";
import { logText } from "./log-text.ts";
import { prepareLogin } from "./login.ts";
import { prepareLogout } from "./logout.ts";
import { mountPath } from "./paths.ts";
import type { Realm } from "./realm.ts";
import { SessionStoreError, sessionOf } from "./session.ts";
import { createSessionLogins } from "./session-logins.ts";
import { watchSessionStores } from "./session-store-watch.ts";
import { prepareSignIn } from "./sign-in.ts";
import { rememberVisit, type Visit } from "./visit.ts";
import type { WebSettings } from "./web-settings.ts";

/** What `createProtect` makes. */
export interface Protect {
  (req: Request, res: Response, next: NextFunction): void;
  /** Lets go of the session stores it met. */
  close(): void;
}

/**
 * The middleware: finds out who is asking by their session, else by HTTP Basic, answers the login and logout paths, and
 * refuses nobody-knows-who unless `anonymous` is `"allow"`. Sets `req.authenticated`.
 */
export function createProtect(realm: Realm, settings: WebSettings): Protect {
  const logins = createSessionLogins(realm, settings);
  const signIn = prepareSignIn(realm, settings);
  const login = prepareLogin(logins, signIn, realm.log);
  const logout = prepareLogout(logins);
  const stores = watchSessionStores();

  function arrive(req: Request): Visit {
    const visit: Visit = {
      realm,
      settings,
      base: mountPath(req),
      hasLoginForm: !realm.asksAsUser && sessionOf(req) !== undefined,
      deadline: realm.startDeadline(),
    };
    return note(req, visit);
  }

  /** Whether the request may go on, undefined where nobody is named; if it may not, it has been answered. */
  async function tryToIdentify(
    req: Request,
    res: Response,
    visit: Visit,
  ): Promise<boolean | undefined> {
    // A session holds no password to ask with.
    const bySession = realm.asksAsUser ? undefined : await logins.identify(req, visit.deadline);
    if (bySession) return welcome(req, res, visit, { person: bySession, by: "session" });

    const credentials = settings.basic ? readBasic(req) : undefined;
    if (credentials === undefined) return undefined;
    if (credentials === "unusable") {
      refuseCredentials(req, res, visit);
      return false;
    }
    const result = await signIn(req, credentials, visit.deadline);
    if (result.outcome === "signed-in") {
      const { person } = result;
      const password = realm.asksAsUser ? { password: credentials.password } : {};
      return welcome(req, res, visit, { person, by: "basic", ...password });
    }
    if (result.outcome === "too-many") sendAnswer(req, res, visit, tooMany(result.retryAfter));
    else refuseCredentials(req, res, visit);
    return false;
  }

  async function handle(req: Request, res: Response, visit: Visit): Promise<boolean> {
    const hasLost = stores.lostItsSession(req);
    const { path, logoutPath } = settings.login;
    const answer = req.path === path ? login : req.path === logoutPath ? logout : undefined;
    if (answer !== undefined && visit.hasLoginForm) {
      await answer(req, res, visit);
      return false;
    }
    const isAdmitted = await tryToIdentify(req, res, visit);
    if (isAdmitted !== undefined) return isAdmitted;
    if (hasLost) throw new SessionStoreError("The session store is away.");
    if (settings.anonymous === "allow") return true;
    if (!settings.basic && !visit.hasLoginForm) throw noWayIn();
    challenge(req, res, visit);
    return false;
  }

  function authnzLdap(req: Request, res: Response, next: NextFunction): void {
    let visit: Visit;
    try {
      visit = arrive(req);
    } catch (error) {
      next(error);
      return;
    }
    handle(req, res, visit).then(
      (mayPass) => {
        if (mayPass && !res.headersSent) next();
      },
      (error: unknown) => fail(error, req, res, next, visit),
    );
  }

  return Object.assign(authnzLdap, { close: stores.close });
}

function welcome(
  req: Request,
  res: Response,
  visit: Visit,
  who: Required<Pick<Visit, "person" | "by">> & Pick<Visit, "password">,
): boolean {
  const { realm } = visit;
  const { person } = who;
  if (realm.naming.remoteUser(person, person.username) === undefined) {
    refuseNameless(req, res, { ...visit, ...who });
    return false;
  }
  const authenticated = createAuthenticated(person, realm.attributes);
  note(req, { ...visit, ...who, authenticated });
  noteEnvironment(req, environmentOf(who, realm.naming));
  // The Back button must not show this to whoever sits down here next. An app may say otherwise for what is not personal.
  if (!res.headersSent) res.set("Cache-Control", "no-store");
  return true;
}

/** They are who they say, and lack the attribute that REMOTE_USER is made of: an app could take them for nobody. */
function refuseNameless(req: Request, res: Response, visit: Visit): void {
  const details = { username: logText(visit.person?.username ?? "") };
  const message = "The entry lacks the attribute of remoteUser: not let in.";
  visit.realm.log({ level: "warn", event: "remote-user-missing", message, details });
  if (!res.headersSent) forbid(req, res, visit);
}

/** For the guards, and for the app. */
function note(req: Request, visit: Visit): Visit {
  rememberVisit(req, visit);
  showAuthenticated(req, visit.authenticated);
  return visit;
}

function noWayIn(): ConfigError {
  return new ConfigError(
    "Nobody can sign in: mount express-session before authnzLdap for the login form, or allow basic.",
  );
}
