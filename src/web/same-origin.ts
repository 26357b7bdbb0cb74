import type { Request } from "express";
import { isFromTrustedProxy } from "./trusted-proxy.ts";

/**
 * May this POST come from a page of ours? `Sec-Fetch-Site` tells, else `Origin`; a client that sends neither is no
 * browser, and can't be misled. `same-site` is not enough: a sister host may be another's.
 */
export function isSameOrigin(req: Request): boolean {
  const { origin, "sec-fetch-site": site } = req.headers;
  if (site !== undefined) return site === "same-origin";
  if (origin === undefined) return true;
  const scheme = /^(https?):\/\//.exec(origin)?.[1];
  const host = hostOf(req);
  if (scheme === undefined || host === undefined || !URL.canParse(origin)) return false;
  if (scheme === "http" && req.secure) return false;
  const here = `${scheme}://${host}`;
  return URL.canParse(here) && new URL(origin).origin === new URL(here).origin;
}

/** The host the browser asked for; a proxy's word counts only where the app says so (`trust proxy`). */
function hostOf(req: Request): string | undefined {
  const forwarded = req.get("x-forwarded-host");
  if (forwarded && isFromTrustedProxy(req)) return forwarded.split(",")[0]?.trim();
  return req.get("host");
}
