import type { NextFunction, Request, Response } from "express";
import { ConfigError, DirectoryError } from "../errors.ts";
import type { Log } from "../log.ts";
import { sendAnswer } from "./answer.ts";
import { refuseUnavailable } from "./answers.ts";
import { RefusedByTable } from "./refused-by-table.ts";
import { restrictionAnswer } from "./restriction-answer.ts";
import { SessionStoreError } from "./session.ts";
import type { Visit } from "./visit.ts";

/** Ends a request that failed: 503 where asking failed, else the app's own error handling. Never lets in. */
export function fail(
  error: unknown,
  req: Request,
  res: Response,
  next: NextFunction,
  visit: Visit,
): void {
  try {
    logFailure(visit.realm.log, error);
    if (res.headersSent) return;
    if (error instanceof RefusedByTable) {
      sendAnswer(req, res, visit, restrictionAnswer(error.restriction));
      return;
    }
    if (isUnavailable(error)) {
      refuseUnavailable(req, res, visit);
      return;
    }
  } catch (second) {
    // Nobody waits for this any more: an exception here would end the process.
    next(second);
    return;
  }
  next(error);
}

/** Will the same request do better in a little while? */
export function isUnavailable(error: unknown): boolean {
  return error instanceof DirectoryError || error instanceof SessionStoreError;
}

const recorded = new WeakSet<object>();

/** Records what an operator can do something about. A store's own message may hold its password: only its code is kept. */
export function logFailure(log: Log, error: unknown): void {
  if (typeof error === "object" && error !== null) {
    // The error handler at the end of the app meets what a guard has recorded already.
    if (recorded.has(error)) return;
    recorded.add(error);
  }
  if (error instanceof DirectoryError) {
    const { code, message, resultCode } = error;
    const details = { code, ...(resultCode === undefined ? {} : { resultCode }) };
    log({ level: "warn", event: "directory-unavailable", message, details });
  } else if (error instanceof SessionStoreError) {
    const reason = storeReason(error.cause);
    const details = reason === undefined ? {} : { reason };
    log({ level: "error", event: "session-store-failed", message: error.message, details });
  } else if (error instanceof ConfigError) {
    log({ level: "error", event: "misconfigured", message: error.message });
  }
}

function storeReason(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined;
  return "code" in cause && typeof cause.code === "string" ? cause.code : cause.name;
}
