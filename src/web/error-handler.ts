import type { ErrorRequestHandler, Request } from "express";
import { ConfigError } from "../errors.ts";
import { sendAnswer } from "./answer.ts";
import { refuseUnavailable } from "./answers.ts";
import { isUnavailable, logFailure } from "./failure.ts";
import type { Realm } from "./realm.ts";
import { SessionStoreError, sessionOf, sessionStoreOf } from "./session.ts";
import { type Visit, visitOf } from "./visit.ts";
import type { WebSettings } from "./web-settings.ts";

/**
 * An error handler for the end of the app: 503 where the session store or the directory failed, 500 without details where
 * the app's use of this package is wrong. Everything else goes on to the next error handler.
 */
export function createErrorHandler(realm: Realm, settings: WebSettings): ErrorRequestHandler {
  return function authnzLdapErrors(error: unknown, req, res, next) {
    const failure = isStoreFailure(req) ? storeFailure(error) : error;
    const isOurs = isUnavailable(failure) || failure instanceof ConfigError;
    if (!isOurs || res.headersSent) {
      next(error);
      return;
    }
    logFailure(realm.log, failure);
    const visit = visitOf(req) ?? unseen(realm, settings);
    if (isUnavailable(failure)) {
      refuseUnavailable(req, res, visit);
      return;
    }
    sendAnswer(req, res, visit, {
      status: 500,
      code: "misconfigured",
      title: "Something is not set up",
      text: "This page can't be shown because of a mistake in the set-up. The people who run this site have been told in their log.",
    });
  };
}

/** express-session passes on the error of a failed read before we have seen the request, and leaves no session. */
function isStoreFailure(req: Request): boolean {
  const isUnseen = visitOf(req) === undefined && sessionOf(req) === undefined;
  return isUnseen && sessionStoreOf(req) !== undefined;
}

function storeFailure(error: unknown): SessionStoreError {
  return new SessionStoreError("Reading the session failed.", { cause: error });
}

function unseen(realm: Realm, settings: WebSettings): Visit {
  return { realm, settings, base: "", hasLoginForm: false, deadline: realm.startDeadline() };
}
