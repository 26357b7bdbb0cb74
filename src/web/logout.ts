import type { Request, Response } from "express";
import { redirect, sendAnswer } from "./answer.ts";
import { CROSS_SITE, refuseMethod } from "./answers.ts";
import { wantsHtml } from "./client.ts";
import { postedFormat } from "./posted-fields.ts";
import { isSameOrigin } from "./same-origin.ts";
import type { SessionLogins } from "./session-logins.ts";
import type { Visit } from "./visit.ts";

/** Answers every request for the logout path. Only POST signs out: a link or an image of another site can't. */
export type Logout = (req: Request, res: Response, visit: Visit) => Promise<void>;

export function prepareLogout(logins: SessionLogins): Logout {
  return async (req, res, visit) => {
    if (req.method !== "POST") return refuseMethod(req, res, visit, "POST");
    if (!isSameOrigin(req)) return sendAnswer(req, res, visit, CROSS_SITE);
    await logins.end(req, "You have signed out.");
    if (postedFormat(req) === "form" || wantsHtml(req)) {
      redirect(res, visit.base + visit.settings.login.path);
    } else {
      res.status(204).set("Cache-Control", "no-store").end();
    }
  };
}
