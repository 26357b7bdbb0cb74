import type { Request, Response } from "express";
import { type Answer, sendAnswer, sendProblem } from "../answer.ts";
import { INVALID_CREDENTIALS } from "../answers.ts";
import type { Visit } from "../visit.ts";

/*
 * httpd's answers, in status and challenge: 401 asks for the password, also where the right one does not suffice; 403 and 500 do not.
 */

/** 401 with httpd's challenge, which names no charset. `isTried` is whether there were credentials that did not do. */
export function askForPassword(req: Request, res: Response, visit: Visit, isTried: boolean): void {
  const realm = visit.settings.realmName.replace(/["\\]/g, "\\$&");
  res.set("WWW-Authenticate", `Basic realm="${realm}"`);
  sendAnswer(req, res, visit, isTried ? INVALID_CREDENTIALS : AUTHENTICATION_REQUIRED);
}

const AUTHENTICATION_REQUIRED: Answer = {
  status: 401,
  code: "authentication-required",
  title: "Please sign in",
  text: "You need to sign in to see this.",
};

/** 401 although the password is right: the person is not allowed here. */
export function askForSomebodyElse(req: Request, res: Response, visit: Visit): void {
  const realm = visit.settings.realmName.replace(/["\\]/g, "\\$&");
  res.set("WWW-Authenticate", `Basic realm="${realm}"`);
  sendAnswer(req, res, visit, {
    status: 401,
    code: "forbidden",
    title: "Not allowed here",
    text: "You are signed in, but you are not allowed here. Somebody else may be.",
  });
}

/** 403: no password would do. */
export function refuseEverybody(req: Request, res: Response, visit: Visit): void {
  sendAnswer(req, res, visit, {
    status: 403,
    code: "forbidden",
    title: "Not allowed here",
    text: "You are not allowed here.",
  });
}

/** 500: what httpd calls an error of its own, such as a name that no provider knows where there is nobody left to ask. */
export function refuseAsError(req: Request, res: Response, visit: Visit): void {
  sendAnswer(req, res, visit, {
    status: 500,
    code: "internal-error",
    title: "That did not work",
    text: "This server is not set up to answer that.",
  });
}

/** 404: a path that httpd does not take, and that may mean another one to the application. */
export function refusePath(res: Response): void {
  sendProblem(res, {
    status: 404,
    code: "not-found",
    title: "Not found",
    text: "There is no such address here.",
  });
}
