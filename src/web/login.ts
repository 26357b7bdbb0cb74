import type { Request, Response } from "express";
import { ConfigError } from "../errors.ts";
import type { Log } from "../log.ts";
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
import { isUnavailable, logFailure } from "./failure.ts";
import { logText } from "./log-text.ts";
import { type LoginBody, loginFormat, readLoginBody } from "./login-body.ts";
import { watchForLostCookies } from "./lost-cookie.ts";
import { returnPath, returnToOfQuery } from "./return-path.ts";
import { isSameOrigin } from "./same-origin.ts";
import type { SessionLogins } from "./session-logins.ts";
import type { SignIn, SignInResult } from "./sign-in.ts";
import { loginPage } from "./views/login-page.ts";
import type { LoginPage } from "./views/login-view.ts";
import type { Visit } from "./visit.ts";

/** Answers every request for the login path. */
export type Login = (req: Request, res: Response, visit: Visit) => Promise<void>;

/** GET shows the form, POST takes a name and a password as a form or as JSON. */
export function prepareLogin(logins: SessionLogins, signIn: SignIn, log: Log): Login {
  const watchForLostCookie = watchForLostCookies(log);

  async function show(req: Request, res: Response, visit: Visit): Promise<void> {
    const returnTo = returnPath(visit, returnToOfQuery(req));
    if (await logins.identify(req, visit.deadline)) return redirect(res, returnTo);
    const notice = logins.takeNotice(req);
    sendLoginPage(res, visit, 200, { returnTo, ...(notice === undefined ? {} : { notice }) });
  }

  async function take(req: Request, res: Response, visit: Visit): Promise<void> {
    const sent = isSameOrigin(req) ? await readLoginBody(req, res) : CROSS_SITE;
    if ("status" in sent) return refuse(req, res, visit, sent);
    // Only now: a visitor may be slow to send the form.
    const deadline = visit.realm.startDeadline();
    try {
      const result = await signIn(req, sent.credentials, deadline);
      if (result.outcome !== "signed-in") return refuse(req, res, visit, answerTo(result), sent);
      await logins.begin(req, result.person);
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
  { person }: SignInResult & { readonly outcome: "signed-in" },
  sent: LoginBody,
): void {
  const { log, attributes } = visit.realm;
  const details = { username: logText(person.username), address: logText(req.ip ?? "") };
  log({ level: "info", event: "signed-in", message: "Signed in.", details });
  if (loginFormat(req) === "form") {
    redirect(res, returnPath(visit, sent.returnTo ?? returnToOfQuery(req)));
    return;
  }
  res.status(200).set("Cache-Control", "no-store").type("application/json");
  res.send(JSON.stringify(createAuthenticated(person, attributes)));
}

function answerTo(result: Exclude<SignInResult, { readonly outcome: "signed-in" }>): Answer {
  return result.outcome === "too-many" ? tooMany(result.retryAfter) : INVALID_CREDENTIALS;
}

/** A form gets the page again, with what was typed but the password; JSON gets problem details. */
function refuse(req: Request, res: Response, visit: Visit, answer: Answer, sent?: LoginBody): void {
  if (answer.status === 401) setFormChallenge(res, visit);
  if (loginFormat(req) !== "form") {
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
  const page = { title: realmName, action, username: "", ...shown };
  if (!login.view) {
    sendPage(res, status, loginPage(page));
    return;
  }
  const html: unknown = login.view(page);
  if (typeof html !== "string") {
    // The view may be async, and about to fail: that must not end the process.
    Promise.resolve(html).catch(() => {});
    const message = "login.view must return the page as a string, and not a promise of it.";
    throw new ConfigError(message, { option: "login.view" });
  }
  sendHtml(res, status, html);
}
