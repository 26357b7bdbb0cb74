import type { NextFunction, Request, Response } from "express";
import type { Person } from "../authentication/person.ts";
import { ConfigError } from "../errors.ts";
import { accountAnswer } from "./account-answers.ts";
import { sendAnswer } from "./answer.ts";
import {
  challenge,
  forbid,
  refuseCredentials,
  refuseWithoutTls,
  tooMany,
  UNSUPPORTED_MECHANISM,
} from "./answers.ts";
import { laterAuthenticated, showAuthenticated } from "./authenticated.ts";
import { readBasic } from "./basic.ts";
import { challengePath, prepareChallengeLogin } from "./challenges/challenge-login.ts";
import { prepareChangePassword } from "./change-password.ts";
import { environmentOf, noteEnvironment } from "./environment.ts";
import { noteExposedPassword } from "./exposed-password.ts";
import { fail } from "./failure.ts";
import { countGuesses } from "./guesses.ts";
import { logText } from "./log-text.ts";
import { type Login, prepareLogin } from "./login.ts";
import { scriptPath, sendLoginScript } from "./login-script/send-login-script.ts";
import { prepareLogout } from "./logout.ts";
import { watchForLostCookies } from "./lost-cookie.ts";
import { takesBasic, takesPasswords } from "./mechanisms.ts";
import { beginTry, observeSignIn } from "./observed-sign-in.ts";
import { preparePasswordPage } from "./password-page.ts";
import { prepareMountPath } from "./paths.ts";
import type { Realm } from "./realm.ts";
import { noteRefusedTry } from "./refused-try.ts";
import { isExposed } from "./require-tls.ts";
import { restrictionAnswer } from "./restriction-answer.ts";
import { passwordPath } from "./return-path.ts";
import { prepareRevocation, type Revocation } from "./revocation.ts";
import { SessionStoreError, sessionOf } from "./session.ts";
import { createSessionLogins } from "./session-logins.ts";
import { watchSessionStores } from "./session-store-watch.ts";
import { prepareSignIn } from "./sign-in.ts";
import { rememberVisit, type Visit, visitOf } from "./visit.ts";
import type { WebSettings } from "./web-settings.ts";

/** What `createProtect` makes. */
export interface Protect extends Omit<Revocation, "revokePerson"> {
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
  const countGuess = countGuesses(settings, realm.log);
  const signIn = prepareSignIn(realm, countGuess);
  const signInByBasic = observeSignIn(signIn.byBasic, realm, "basic");
  const watchForLostCookie = watchForLostCookies(realm.log);
  const signInByProof = observeSignIn(signIn.byProof, realm, "challenge");
  const challenges = prepareChallengeLogin(realm, settings, signInByProof, watchForLostCookie);
  const login = prepareLogin(logins, {
    byPassword: observeSignIn(signIn.byForm, realm, "form"),
    byChallenge: challenges?.signIn,
    watchForLostCookie,
  });
  const logout = prepareLogout(logins);
  const { revoke, revokePerson, invalidate } = prepareRevocation(realm, logins);
  const changePassword = prepareChangePassword(realm, countGuess);
  const password = changePassword && preparePasswordPage(logins, changePassword, revokePerson);
  const stores = watchSessionStores();

  const baseOf = prepareMountPath();

  function arrive(req: Request): Visit {
    realm.follow?.();
    const visit: Visit = {
      realm,
      settings,
      base: baseOf(req),
      hasLoginForm: !realm.asksAsUser && sessionOf(req) !== undefined,
      deadline: realm.startDeadline(),
      environment: visitOf(req)?.environment,
    };
    rememberVisit(req, visit);
    showAuthenticated(req);
    return visit;
  }

  /** Whether the request may go on, undefined where nobody is named; if it may not, it has been answered. */
  async function tryToIdentify(
    req: Request,
    res: Response,
    visit: Visit,
  ): Promise<boolean | undefined> {
    // A session holds no password to ask with.
    const bySession = visit.hasLoginForm ? await logins.identify(req, visit.deadline) : undefined;
    if (bySession) return welcome(req, res, visit, bySession, "session");

    const credentials = settings.basic ? readBasic(req) : undefined;
    if (credentials === undefined) return undefined;
    if (isExposed(req, settings)) {
      noteExposedPassword(req, realm, "basic");
      refuseWithoutTls(req, res, visit, true);
      return false;
    }
    if (!takesPasswords(settings)) {
      const username = credentials === "unusable" ? "" : credentials.username;
      noteRefusedTry(req, realm, { username, by: "basic", reason: "unsupported-mechanism" });
      sendAnswer(req, res, visit, UNSUPPORTED_MECHANISM);
      return false;
    }
    if (credentials === "unusable") {
      beginTry(req, "", realm, "basic").refused("unacceptable-credentials");
      refuseCredentials(req, res, visit);
      return false;
    }
    const result = await signInByBasic(req, credentials, visit.deadline);
    if (result.outcome === "signed-in") {
      if (realm.asksAsUser) visit.password = credentials.password;
      visit.warning = result.warning;
      return welcome(req, res, visit, result.person, "basic");
    }
    if (result.outcome === "too-many") sendAnswer(req, res, visit, tooMany(result.retryAfter));
    else if (result.restriction) sendAnswer(req, res, visit, restrictionAnswer(result.restriction));
    else if (result.state) sendAnswer(req, res, visit, accountAnswer(result.state, visit));
    else refuseCredentials(req, res, visit);
    return false;
  }

  /** Who answers for one of our own paths. */
  function ownAnswer(req: Request, visit: Visit): Login | undefined {
    const { path, logoutPath } = settings.login;
    if (req.path === passwordPath(visit)) return password;
    if (!visit.hasLoginForm) return undefined;
    if (req.path === path) return login;
    if (req.path === logoutPath) return logout;
    if (challenges === undefined) return undefined;
    if (req.path === challengePath(path)) return challenges.give;
    return req.path === scriptPath(path) ? sendLoginScript : undefined;
  }

  async function handle(req: Request, res: Response, visit: Visit): Promise<boolean> {
    const hasLost = stores.lostItsSession(req);
    const answer = ownAnswer(req, visit);
    if (answer !== undefined) {
      await answer(req, res, visit);
      return false;
    }
    const isAdmitted = await tryToIdentify(req, res, visit);
    if (isAdmitted !== undefined) return isAdmitted;
    if (hasLost) throw new SessionStoreError("The session store is away.");
    if (settings.anonymous === "allow") return true;
    if (!takesBasic(settings) && !visit.hasLoginForm) throw noWayIn();
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

  return Object.assign(authnzLdap, { close: stores.close, revoke, invalidate });
}

function welcome(
  req: Request,
  res: Response,
  visit: Visit,
  person: Person,
  by: "session" | "basic",
): boolean {
  const { realm } = visit;
  if (realm.naming.remoteUser(person, person.username) === undefined) {
    refuseNameless(req, res, { ...visit, person, by });
    return false;
  }
  visit.person = person;
  visit.by = by;
  visit.authenticated = laterAuthenticated(person, realm.attributes);
  noteEnvironment(visit, () => environmentOf({ person, by }, realm.naming));
  // The Back button must not show this to whoever sits down here next. An app may say otherwise for what is not personal.
  if (!res.headersSent) res.setHeader("Cache-Control", "no-store");
  return true;
}

/** They are who they say, and lack the attribute that REMOTE_USER is made of: an app could take them for nobody. */
function refuseNameless(req: Request, res: Response, visit: Visit): void {
  const details = { username: logText(visit.person?.username ?? "") };
  const message = "The entry lacks the attribute of remoteUser: not let in.";
  visit.realm.log({ level: "warn", event: "remote-user-missing", message, details });
  if (!res.headersSent) forbid(req, res, visit);
}

function noWayIn(): ConfigError {
  return new ConfigError(
    "Nobody can sign in: mount express-session before authnzLdap for the login form, or allow basic.",
  );
}
