import { hash } from "node:crypto";
import type { Request, Response } from "express";
import { refuseMethod, refuseWithoutTls } from "../answers.ts";
import { isExposed } from "../require-tls.ts";
import type { Visit } from "../visit.ts";
import { LOGIN_SCRIPT } from "./login-script.ts";

const VERSION = hash("sha256", LOGIN_SCRIPT, "base64url").slice(0, 16);
const A_YEAR = 31_536_000;

/** Where it is, below the mount. */
export function scriptPath(loginPath: string): string {
  return `${loginPath}/script.js`;
}

/** The address for a page, below `loginPath`: another version of it has another one. */
export function scriptHref(loginPath: string): string {
  return `${scriptPath(loginPath)}?v=${VERSION}`;
}

/** Answers every request for it. Nobody has to be signed in. */
export async function sendLoginScript(req: Request, res: Response, visit: Visit): Promise<void> {
  if (req.method !== "GET" && req.method !== "HEAD") {
    return refuseMethod(req, res, visit, "GET, HEAD");
  }
  if (isExposed(req, visit.settings)) return refuseWithoutTls(req, res, visit);
  // A page of another version, from another process, must not keep this one under that address.
  const isThisVersion = req.url.endsWith(`?v=${VERSION}`);
  const caching = isThisVersion ? `public, max-age=${A_YEAR}, immutable` : "no-cache";
  res.status(200).set("Cache-Control", caching).set("ETag", `"${VERSION}"`);
  res
    .set("X-Content-Type-Options", "nosniff")
    .set("Content-Type", "text/javascript; charset=utf-8");
  res.send(LOGIN_SCRIPT);
}
