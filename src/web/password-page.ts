import type { Request, Response } from "express";
import type { Person } from "../authentication/person.ts";
import {
  type Answer,
  backToStart,
  sendJson,
  sendPage,
  sendProblem,
  setRetryAfter,
} from "./answer.ts";
import { CROSS_SITE, refuseMethod, refuseWithoutTls, setFormChallenge } from "./answers.ts";
import { readBasic } from "./basic.ts";
import type { ChangePassword } from "./change-password.ts";
import { noteExposedPassword } from "./exposed-password.ts";
import { isUnavailable, logFailure } from "./failure.ts";
import { logText } from "./log-text.ts";
import { answerTo, CHANGE_UNAVAILABLE, problemOf } from "./password-answers.ts";
import { type PasswordBody, readPasswordBody } from "./password-body.ts";
import { postedFormat } from "./posted-fields.ts";
import { isExposed } from "./require-tls.ts";
import { loginHref, passwordPath, returnPath, returnToOfQuery } from "./return-path.ts";
import type { Revocation } from "./revocation.ts";
import { isSameOrigin } from "./same-origin.ts";
import type { SessionLogins } from "./session-logins.ts";
import { changePage } from "./views/change-page.ts";
import { messagePage } from "./views/message-page.ts";
import type { Visit } from "./visit.ts";

/** Answers every request for the path where passwords are changed. */
export type PasswordPage = (req: Request, res: Response, visit: Visit) => Promise<void>;

const CHANGED = "Your password was changed.";

/** GET shows the form; POST takes a name, the old and the new password, as a form or as JSON. */
export function preparePasswordPage(
  logins: SessionLogins,
  changePassword: ChangePassword,
  revokePerson: Revocation["revokePerson"],
): PasswordPage {
  async function show(req: Request, res: Response, visit: Visit): Promise<void> {
    if (isExposed(req, visit.settings)) return refuseWithoutTls(req, res, visit);
    const person = visit.hasLoginForm ? await logins.identify(req, visit.deadline) : undefined;
    const username = person?.username ?? nameOfBasic(req, visit);
    sendPasswordPage(res, visit, 200, {
      returnTo: returnPath(visit, returnToOfQuery(req)),
      username,
    });
  }

  async function take(req: Request, res: Response, visit: Visit): Promise<void> {
    if (isExposed(req, visit.settings)) {
      noteExposedPassword(req, visit.realm, "form");
      return refuseWithoutTls(req, res, visit, true);
    }
    const sent = isSameOrigin(req) ? await readPasswordBody(req, res) : CROSS_SITE;
    if ("status" in sent) return refuse(req, res, visit, sent);
    const problem = problemOf(sent);
    if (problem) return refuse(req, res, visit, problem, sent);
    // Only now: a visitor may be slow to send the form.
    const deadline = visit.realm.startDeadline();
    try {
      const result = await changePassword(req, sent.change, deadline);
      if (result.outcome === "perhaps-changed") {
        await signOutEverywhere(req, visit, result.person);
        throw result.error;
      }
      if (result.outcome !== "changed") {
        return refuse(req, res, visit, answerTo(result, visit), sent);
      }
      const isSignedOut = await signOutEverywhere(req, visit, result.person);
      answerChanged(req, res, visit, isSignedOut, sent);
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      logFailure(visit.realm.log, error);
      refuse(req, res, visit, CHANGE_UNAVAILABLE, sent);
    }
  }

  /** Whether that is done; the password is changed, whatever comes of this. */
  async function signOutEverywhere(
    req: Request,
    { realm }: Visit,
    person: Person,
  ): Promise<boolean> {
    let isDone = true;
    for (const step of [() => revokePerson(person), () => logins.end(req, CHANGED)]) {
      try {
        await step();
      } catch (error) {
        if (!isUnavailable(error)) throw error;
        logFailure(realm.log, error);
        isDone = false;
      }
    }
    return isDone;
  }

  return async (req, res, visit) => {
    if (req.method === "POST") return take(req, res, visit);
    if (req.method === "GET" || req.method === "HEAD") return show(req, res, visit);
    refuseMethod(req, res, visit, "GET, HEAD, POST");
  };
}

/** Shows the form, with what was typed but the passwords. */
export function sendPasswordPage(
  res: Response,
  visit: Visit,
  status: number,
  shown: { readonly returnTo: string; readonly username: string; readonly error?: string },
): void {
  const { base, settings } = visit;
  const action = base + (passwordPath(visit) ?? "");
  sendPage(res, status, changePage({ site: settings.realmName, action, ...shown }));
}

/** What the browser says itself; it is only filled in. */
function nameOfBasic(req: Request, { settings }: Visit): string {
  const credentials = settings.basic ? readBasic(req) : undefined;
  return typeof credentials === "object" ? logText(credentials.username) : "";
}

/** A form gets the page again, with what was typed but the passwords; JSON gets problem details. */
function refuse(
  req: Request,
  res: Response,
  visit: Visit,
  answer: Answer,
  sent?: PasswordBody,
): void {
  if (answer.status === 401) setFormChallenge(res, visit);
  if (postedFormat(req) !== "form") {
    sendProblem(res, answer);
    return;
  }
  setRetryAfter(res, answer);
  const returnTo = returnPath(visit, sent?.returnTo ?? returnToOfQuery(req));
  const username = logText(sent?.change.username ?? "");
  sendPasswordPage(res, visit, answer.status, { returnTo, username, error: answer.text });
}

function answerChanged(
  req: Request,
  res: Response,
  visit: Visit,
  isSignedOut: boolean,
  sent: PasswordBody,
): void {
  if (postedFormat(req) !== "form") {
    sendJson(res, { changed: true, signedOut: isSignedOut });
    return;
  }
  const returnTo = returnPath(visit, sent.returnTo ?? returnToOfQuery(req));
  const signIn = { label: "Sign in", href: loginHref(visit, returnTo) };
  const html = messagePage({
    site: visit.settings.realmName,
    title: "Password changed",
    text: isSignedOut
      ? `${CHANGED} Please sign in with the new one, in all your browsers.`
      : `${CHANGED} Other browsers may still be signed in: please sign out there.`,
    actions: [visit.hasLoginForm ? signIn : backToStart(visit)],
  });
  sendPage(res, 200, html);
}
