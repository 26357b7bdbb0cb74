import type { Request, Response } from "express";
import type { AccountState } from "../directory/account-answer.ts";
import type { Deadline } from "../directory/deadline.ts";
import { accountAnswer } from "./account-answers.ts";
import { isCuredByNewPassword, warningText } from "./account-words.ts";
import {
  type Answer,
  pageText,
  redirect,
  sendHtml,
  sendJson,
  sendPage,
  sendProblem,
  setRetryAfter,
} from "./answer.ts";
import {
  CROSS_SITE,
  INVALID_CREDENTIALS,
  refuseMethod,
  refuseWithoutTls,
  setFormChallenge,
  tooMany,
  UNAVAILABLE,
  UNSUPPORTED_MECHANISM,
} from "./answers.ts";
import { createAuthenticated } from "./authenticated.ts";
import type { ChallengeResult, SignInByChallenge } from "./challenges/sign-in-by-challenge.ts";
import { checkedText } from "./checked-text.ts";
import { noteExposedPassword } from "./exposed-password.ts";
import { isUnavailable, logFailure } from "./failure.ts";
import { logText } from "./log-text.ts";
import { type LoginBody, readLoginBody } from "./login-body.ts";
import { scriptHref } from "./login-script/send-login-script.ts";
import { challengesOf, takesPasswords } from "./mechanisms.ts";
import { sendPasswordPage } from "./password-page.ts";
import { freshWarning, warningHeader } from "./password-warning.ts";
import { postedFormat } from "./posted-fields.ts";
import { noteRefusedTry } from "./refused-try.ts";
import { isExposed } from "./require-tls.ts";
import { restrictionAnswer } from "./restriction-answer.ts";
import {
  loginHref,
  passwordHref,
  passwordPath,
  returnPath,
  returnToOfQuery,
} from "./return-path.ts";
import { isSameOrigin } from "./same-origin.ts";
import type { SessionLogins } from "./session-logins.ts";
import type { SignIn, SignInResult } from "./sign-in.ts";
import { loginPage } from "./views/login-page.ts";
import type { LoginPage } from "./views/login-view.ts";
import { messagePage } from "./views/message-page.ts";
import type { Visit } from "./visit.ts";

/** Answers every request for the login path. */
export type Login = (req: Request, res: Response, visit: Visit) => Promise<void>;

/** How one may sign in here. */
export interface LoginWays {
  readonly byPassword: SignIn;
  /** Absent where no mechanism with a challenge is offered. */
  readonly byChallenge: SignInByChallenge | undefined;
  readonly watchForLostCookie: (req: Request, res: Response) => void;
}

/** GET shows the form, POST takes a name and a password as a form or as JSON, or the answer to a challenge as JSON. */
export function prepareLogin(logins: SessionLogins, ways: LoginWays): Login {
  const { byPassword, byChallenge, watchForLostCookie } = ways;

  async function show(req: Request, res: Response, visit: Visit): Promise<void> {
    const returnTo = returnPath(visit, returnToOfQuery(req));
    if (await logins.identify(req, visit.deadline)) return goOn(req, res, visit, returnTo);
    if (isExposed(req, visit.settings)) return refuseWithoutTls(req, res, visit);
    const notice = logins.takeNotice(req);
    sendLoginPage(res, visit, 200, { returnTo, ...(notice === undefined ? {} : { notice }) });
  }

  async function take(req: Request, res: Response, visit: Visit): Promise<void> {
    if (isExposed(req, visit.settings)) return refuseExposed(req, res, visit);
    const sent = isSameOrigin(req) ? await readLoginBody(req, res) : CROSS_SITE;
    if ("status" in sent) return refuse(req, res, visit, sent);
    // Only now: a visitor may be slow to send the form.
    const deadline = visit.realm.startDeadline();
    try {
      const began = performance.now();
      const result = await tryToSignIn(req, visit, sent, deadline);
      if (result.outcome === "refused" && result.state !== undefined) {
        return refuseAccount(req, res, visit, result.state, sent);
      }
      if (result.outcome !== "signed-in") return refuse(req, res, visit, answerTo(result), sent);
      const { person, warning, askedAt = began } = result;
      await logins.begin(req, { person, warning, askedAt });
      watchForLostCookie(req, res);
      answerSignedIn(req, res, visit, result, sent);
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      logFailure(visit.realm.log, error);
      refuse(req, res, visit, UNAVAILABLE, sent);
    }
  }

  async function tryToSignIn(
    req: Request,
    { realm, settings }: Visit,
    sent: LoginBody,
    deadline: Deadline,
  ): Promise<ChallengeResult> {
    if ("credentials" in sent && takesPasswords(settings)) {
      return byPassword(req, sent.credentials, deadline);
    }
    if ("answer" in sent && byChallenge) return byChallenge(req, sent.answer, deadline);
    const by = "answer" in sent ? "challenge" : "form";
    const reason = "unsupported-mechanism";
    noteRefusedTry(req, realm, { username: usernameOf(sent), by, reason });
    return { outcome: "refused", reason };
  }

  return async (req, res, visit) => {
    if (req.method === "POST") return take(req, res, visit);
    if (req.method === "GET" || req.method === "HEAD") return show(req, res, visit);
    refuseMethod(req, res, visit, "GET, HEAD, POST");
  };
}

function answerSignedIn(
  req: Request,
  res: Response,
  visit: Visit,
  { person, warning, serverFinal }: ChallengeResult & { readonly outcome: "signed-in" },
  sent: LoginBody,
): void {
  const { log, attributes } = visit.realm;
  const details = { username: logText(person.username), address: logText(req.ip ?? "") };
  log({ level: "info", event: "signed-in", message: "Signed in.", details });
  const returnTo = returnPath(visit, sent.returnTo ?? returnToOfQuery(req));
  // The login page shows the warning, so that loading it again sends no form again.
  const next = warning ? loginHref(visit, returnTo) : returnTo;
  if (postedFormat(req) === "form") {
    redirect(res, next);
    return;
  }
  if (warning) res.set("Password-Warning", warningHeader(warning));
  // The page's script goes there, as a browser would that has sent the form.
  if ("answer" in sent) res.set("Return-To", next);
  // RFC 7804 section 5, with what a client of RFC 5802 checks us by.
  if (serverFinal !== undefined) res.set("Authentication-Info", `data="${serverFinal}"`);
  sendJson(res, createAuthenticated(person, attributes));
}

/** Who is signed in goes to where they wanted, past what they should know of their password. */
function goOn(req: Request, res: Response, visit: Visit, returnTo: string): void {
  const fresh = freshWarning(req);
  if (fresh === undefined) {
    redirect(res, returnTo);
    return;
  }
  const text = warningText(fresh.warning, visit.settings.texts);
  fresh.shown();
  const change = passwordHref(visit, returnTo);
  const html = messagePage({
    site: visit.settings.realmName,
    title: "About your password",
    text,
    actions: [
      ...(change === undefined ? [] : [{ label: "Change it", href: change }]),
      { label: "Go on", href: returnTo },
    ],
  });
  sendPage(res, 200, html);
}

/** The password is right. Who needs a new one gets the form for it, where there is one; nobody gets a session. */
function refuseAccount(
  req: Request,
  res: Response,
  visit: Visit,
  state: AccountState,
  sent: LoginBody,
): void {
  const returnTo = returnPath(visit, sent.returnTo ?? returnToOfQuery(req));
  const answer = accountAnswer(state, visit, returnTo);
  const isChangeable = isCuredByNewPassword(state) && passwordPath(visit) !== undefined;
  if (postedFormat(req) !== "form" || !isChangeable) {
    refuse(req, res, visit, answer, sent);
    return;
  }
  const username = logText(usernameOf(sent));
  sendPasswordPage(res, visit, answer.status, { returnTo, username, error: answer.text });
}

function answerTo(result: Exclude<SignInResult, { readonly outcome: "signed-in" }>): Answer {
  if (result.outcome === "too-many") return tooMany(result.retryAfter);
  if (result.restriction) return restrictionAnswer(result.restriction);
  return result.reason === "unsupported-mechanism" ? UNSUPPORTED_MECHANISM : INVALID_CREDENTIALS;
}

function usernameOf(sent: LoginBody | undefined): string {
  return sent !== undefined && "credentials" in sent ? sent.credentials.username : "";
}

/** Nothing is checked; what can't be read may have been a password. */
async function refuseExposed(req: Request, res: Response, visit: Visit): Promise<void> {
  const sent = await readLoginBody(req, res);
  const wasPasswordSent = !("answer" in sent);
  if (wasPasswordSent) noteExposedPassword(req, visit.realm, "form");
  refuseWithoutTls(req, res, visit, wasPasswordSent);
}

/** A form gets the page again, with what was typed but the password; JSON gets problem details. */
function refuse(req: Request, res: Response, visit: Visit, answer: Answer, sent?: LoginBody): void {
  if (answer.status === 401) setFormChallenge(res, visit);
  if (postedFormat(req) !== "form") {
    sendProblem(res, answer);
    return;
  }
  setRetryAfter(res, answer);
  const returnTo = returnPath(visit, sent?.returnTo ?? returnToOfQuery(req));
  const username = logText(usernameOf(sent));
  sendLoginPage(res, visit, answer.status, { returnTo, username, error: pageText(answer) });
}

function sendLoginPage(
  res: Response,
  visit: Visit,
  status: number,
  shown: Partial<LoginPage> & Pick<LoginPage, "returnTo">,
): void {
  const { realmName, login, mechanisms } = visit.settings;
  const action = visit.base + login.path;
  const change = passwordHref(visit, shown.returnTo);
  const hasScript = challengesOf(visit.settings).length > 0;
  const page = {
    ...{ title: realmName, action, username: "", mechanisms },
    ...(hasScript ? { scriptHref: scriptHref(action) } : {}),
    ...(change === undefined ? {} : { passwordHref: change }),
    ...shown,
  };
  if (!login.view) {
    sendPage(res, status, loginPage(page), hasScript);
    return;
  }
  sendHtml(res, status, checkedText(login.view(page), "login.view"));
}
