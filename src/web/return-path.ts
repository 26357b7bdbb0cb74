import type { Request } from "express";
import { isSamePage, sitePath } from "./paths.ts";
import type { Visit } from "./visit.ts";

/** The path to come back to after the login: on this site, and not the login or logout page; else the start page. */
export function returnPath(visit: Visit, wanted: unknown): string {
  const { login } = visit.settings;
  const path = sitePath(wanted);
  const isLoop =
    path !== undefined &&
    [login.path, login.logoutPath].some((page) => isSamePage(path, visit.base + page));
  return path === undefined || isLoop ? startPath(visit) : path;
}

/** The start page of what is protected. */
export function startPath(visit: Visit): string {
  return visit.base || "/";
}

/** The login page, with the way back to this request. */
export function loginLocation(req: Request, visit: Visit): string {
  return loginHref(visit, returnPath(visit, req.originalUrl));
}

/** The login page, with the way on to a path of this site. */
export function loginHref(visit: Visit, returnTo: string): string {
  return withReturn(visit.base + visit.settings.login.path, returnTo);
}

/** The page where a password is changed, with the way back; undefined where that is not offered. */
export function passwordHref(visit: Visit, returnTo: string): string | undefined {
  const path = passwordPath(visit);
  return path === undefined ? undefined : withReturn(visit.base + path, returnTo);
}

/** Where passwords are changed, below the mount; undefined where that is not offered. */
export function passwordPath({
  realm,
  settings: { passwordChange },
}: Pick<Visit, "realm" | "settings">): string | undefined {
  return realm.changePassword && passwordChange ? passwordChange.path : undefined;
}

function withReturn(path: string, returnTo: string): string {
  return `${path}?returnTo=${encodeURIComponent(returnTo)}`;
}

/** What the query says; undefined unless it says so once. */
export function returnToOfQuery(req: Request): string | undefined {
  // req.query depends on the app's query parser, and on the version of Express.
  const at = req.url.indexOf("?");
  const values = at < 0 ? [] : new URLSearchParams(req.url.slice(at)).getAll("returnTo");
  return values.length === 1 ? values[0] : undefined;
}
