import type { Request, Response } from "express";
import { type Answer, backToStart, redirect, sendAnswer } from "./answer.ts";
import { isNavigation, isScript } from "./client.ts";
import { takesBasic } from "./mechanisms.ts";
import { isExposed } from "./require-tls.ts";
import { loginLocation } from "./return-path.ts";
import type { Visit } from "./visit.ts";

export const INVALID_CREDENTIALS: Answer = {
  status: 401,
  code: "invalid-credentials",
  title: "That did not work",
  text: "Wrong user name or password. Please try again.",
};

export const UNAVAILABLE: Answer = {
  status: 503,
  code: "unavailable",
  title: "Not available right now",
  text: "We can't check who you are at the moment. This has nothing to do with your password. Please try again in a little while.",
  retryAfter: 5,
};

export const CROSS_SITE: Answer = {
  status: 403,
  code: "cross-site-request",
  title: "Sent from another site",
  text: "This form was not sent from a page of this site, so nothing was done.",
};

/** Dovecot: "Authentication not allowed until SSL/TLS is enabled." */
const TLS_REQUIRED: Answer = {
  status: 403,
  code: "tls-required",
  title: "Only over HTTPS",
  text: "Passwords are not asked for or accepted without TLS. Please use the https:// address of this site.",
  actions: [],
};

/** Dovecot's alert: "… but your client did it anyway. If anyone was listening, the password was exposed." */
const PASSWORD_EXPOSED: Answer = {
  ...TLS_REQUIRED,
  title: "Your password was sent without TLS",
  text: "Passwords are not accepted without TLS, but one was sent anyway. It was not checked. If anyone was listening, it was exposed: please change it, over the https:// address of this site.",
};

/** Passwords are not taken, only answers to a challenge, or the other way round. Dovecot's words. */
export const UNSUPPORTED_MECHANISM: Answer = {
  status: 403,
  code: "unsupported-mechanism",
  title: "Not like this",
  text: "Unsupported authentication mechanism.",
};

/** Nothing that passwords or challenges travel in is sent, or looked at, where others can listen. */
export function refuseWithoutTls(
  req: Request,
  res: Response,
  visit: Visit,
  wasPasswordSent = false,
): void {
  sendAnswer(req, res, visit, wasPasswordSent ? PASSWORD_EXPOSED : TLS_REQUIRED);
}

/** Nobody is identified: to the login page, or 401 with a challenge (RFC 9110 section 15.5.2 asks for one always). */
export function challenge(req: Request, res: Response, visit: Visit): void {
  if (isExposed(req, visit.settings)) {
    refuseWithoutTls(req, res, visit);
    return;
  }
  if (visit.hasLoginForm && isNavigation(req)) {
    redirect(res, loginLocation(req, visit));
    return;
  }
  setChallenge(req, res, visit);
  const signIn = { label: "Sign in", href: loginLocation(req, visit) };
  sendAnswer(req, res, visit, {
    status: 401,
    code: "authentication-required",
    title: "Please sign in",
    text: "You need to sign in to see this.",
    ...(visit.hasLoginForm ? { actions: [signIn] } : {}),
  });
}

/** The Basic credentials of this request are wrong. Always the same words, whatever the reason. */
export function refuseCredentials(req: Request, res: Response, visit: Visit): void {
  setChallenge(req, res, visit);
  sendAnswer(req, res, visit, INVALID_CREDENTIALS);
}

/** Basic where that is welcome; else a scheme that no browser opens a window for. */
function setChallenge(req: Request, res: Response, visit: Visit): void {
  if (takesBasic(visit.settings) && !(visit.hasLoginForm && isScript(req))) {
    // RFC 7617 section 2.1: the credentials are UTF-8.
    res.set("WWW-Authenticate", `Basic realm=${quoted(visit)}, charset="UTF-8"`);
  } else {
    setFormChallenge(res, visit);
  }
}

/** A challenge that no browser opens a window for: a form is the way in. */
export function setFormChallenge(res: Response, visit: Visit): void {
  res.set("WWW-Authenticate", `FormLogin realm=${quoted(visit)}`);
}

function quoted(visit: Visit): string {
  return `"${visit.settings.realmName.replace(/["\\]/g, "\\$&")}"`;
}

/** Signed in, but may not. */
export function forbid(req: Request, res: Response, visit: Visit): void {
  const { settings, base, by, person } = visit;
  const back = backToStart(visit);
  const signOut = { label: "Sign out", post: base + settings.login.logoutPath };
  sendAnswer(req, res, visit, {
    status: 403,
    code: "forbidden",
    title: "Not allowed here",
    text: `You are signed in as ${person?.username ?? "nobody"}, but you are not allowed here.`,
    actions: by === "session" ? [back, signOut] : [back],
  });
}

/** Too many wrong passwords. `seconds` go into Retry-After. */
export function tooMany(seconds: number): Answer {
  const minutes = Math.ceil(seconds / 60);
  const wait = minutes > 1 ? `${minutes} minutes` : "a minute";
  return {
    status: 429,
    code: "too-many-attempts",
    title: "Too many tries",
    text: `There were too many failed tries. Please wait ${wait} and try again.`,
    retryAfter: seconds,
  };
}

/** Nobody could say: the directory or the session store is away. */
export function refuseUnavailable(req: Request, res: Response, visit: Visit): void {
  sendAnswer(req, res, visit, UNAVAILABLE);
}

export function refuseMethod(req: Request, res: Response, visit: Visit, allow: string): void {
  res.set("Allow", allow);
  sendAnswer(req, res, visit, {
    status: 405,
    code: "method-not-allowed",
    title: "Not like this",
    text: "This address does not answer to this kind of request.",
  });
}
