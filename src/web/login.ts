import type { Request, Response } from "express";
import type { AccountState } from "../directory/account-answer.ts";
import type { Log } from "../log.ts";
import { accountAnswer } from "./account-answers.ts";
import { isCuredByNewPassword, warningText } from "./account-words.ts";
import { type Answer, redirect, sendHtml, sendPage, sendProblem, setRetryAfter } from "./answer.ts";
import {
  CROSS_SITE,
  INVALID_CREDENTIALS,
  refuseMethod,
  setFormChallenge,
  tooMany,
  UNAVAILABLE,
} from "./answers.ts";
import { createAuthenticated } from "./authenticated.ts";
import { checkedText } from "./checked-text.ts";
import { isUnavailable, logFailure } from "./failure.ts";
import { logText } from "./log-text.ts";
import { type LoginBody, readLoginBody } from "./login-body.ts";
import { watchForLostCookies } from "./lost-cookie.ts";
import { sendPasswordPage } from "./password-page.ts";
import { freshWarning, warningHeader } from "./password-warning.ts";
import { postedFormat } from "./posted-fields.ts";
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

/** GET shows the form, POST takes a name and a password as a form or as JSON. */
export function prepareLogin(logins: SessionLogins, signIn: SignIn, log: Log): Login {
  const watchForLostCookie = watchForLostCookies(log);

  async function show(req: Request, res: Response, visit: Visit): Promise<void> {
    const returnTo = returnPath(visit, returnToOfQuery(req));
    if (await logins.identify(req, visit.deadline)) return goOn(req, res, visit, returnTo);
    const notice = logins.takeNotice(req);
    sendLoginPage(res, visit, 200, { returnTo, ...(notice === undefined ? {} : { notice }) });
  }

  async function take(req: Request, res: Response, visit: Visit): Promise<void> {
    const sent = isSameOrigin(req) ? await readLoginBody(req, res) : CROSS_SITE;
    if ("status" in sent) return refuse(req, res, visit, sent);
    // Only now: a visitor may be slow to send the form.
    const deadline = visit.realm.startDeadline();
    try {
      const began = performance.now();
      const result = await signIn(req, sent.credentials, deadline);
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
  { person, warning }: SignInResult & { readonly outcome: "signed-in" },
  sent: LoginBody,
): void {
  const { log, attributes } = visit.realm;
  const details = { username: logText(person.username), address: logText(req.ip ?? "") };
  log({ level: "info", event: "signed-in", message: "Signed in.", details });
  if (postedFormat(req) === "form") {
    const returnTo = returnPath(visit, sent.returnTo ?? returnToOfQuery(req));
    // The login page shows the warning, so that loading it again sends no form again.
    redirect(res, warning ? loginHref(visit, returnTo) : returnTo);
    return;
  }
  if (warning) res.set("Password-Warning", warningHeader(warning));
  res.status(200).set("Cache-Control", "no-store").type("application/json");
  res.send(JSON.stringify(createAuthenticated(person, attributes)));
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
  const username = logText(sent.credentials.username);
  sendPasswordPage(res, visit, answer.status, { returnTo, username, error: answer.text });
}

function answerTo(result: Exclude<SignInResult, { readonly outcome: "signed-in" }>): Answer {
  return result.outcome === "too-many" ? tooMany(result.retryAfter) : INVALID_CREDENTIALS;
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
  const username = logText(sent?.credentials.username ?? "");
  sendLoginPage(res, visit, answer.status, { returnTo, username, error: answer.text });
}

function sendLoginPage(
  res: Response,
  visit: Visit,
  status: number,
  shown: Partial<LoginPage> & Pick<LoginPage, "returnTo">,
): void {
  const { realmName, login } = visit.settings;
  const action = visit.base + login.path;
  const change = passwordHref(visit, shown.returnTo);
  const page = {
    ...{ title: realmName, action, username: "" },
    ...(change === undefined ? {} : { passwordHref: change }),
    ...shown,
  };
  if (!login.view) {
    sendPage(res, status, loginPage(page));
    return;
  }
  sendHtml(res, status, checkedText(login.view(page), "login.view"));
}
