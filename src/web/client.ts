import type { Request } from "express";

/** What kind of client is asking, as far as its headers tell. Says how to answer, never whether to let in. */

/** A browser that wants to show a page: it can be sent to the login form. */
export function isNavigation(req: Request): boolean {
  if (req.method !== "GET" && req.method !== "HEAD") return false;
  const mode = req.headers["sec-fetch-mode"];
  if (mode !== undefined) return mode === "navigate";
  return /\btext\/html\b/i.test(req.headers.accept ?? "");
}

/** A script in a browser: a Basic challenge would open the browser's own password window over the page. */
export function isScript(req: Request): boolean {
  const mode = req.headers["sec-fetch-mode"];
  return mode !== undefined && mode !== "navigate";
}

/** Whether it prefers a page to JSON. A client that takes anything gets JSON. */
export function wantsHtml(req: Request): boolean {
  // Most programs say this, or nothing, and mean anything.
  const { accept } = req.headers;
  if (accept === undefined || accept === "*/*") return false;
  return req.accepts(["application/problem+json", "application/json", "text/html"]) === "text/html";
}
