import { STATUS_CODES } from "node:http";
import type { Request, Response } from "express";
import { wantsHtml } from "./client.ts";
import { startPath } from "./return-path.ts";
import { STYLE_SOURCE } from "./views/layout.ts";
import { type MessageAction, messagePage } from "./views/message-page.ts";
import type { Visit } from "./visit.ts";

/** One of our own answers to a request that does not get where it wanted. */
export interface Answer {
  readonly status: number;
  /** Stable; compare this. */
  readonly code: string;
  /** A heading for people. */
  readonly title: string;
  /** A sentence or two for people. Holds no DN, filter, host name or stack. */
  readonly text: string;
  /** What to do next, on a page. Default: back to the start page. */
  readonly actions?: readonly MessageAction[];
  /** Seconds after which it may be worth trying again. Default: not said. */
  readonly retryAfter?: number;
  /** What a mail server replies that means the same: behind the text on a page, members of problem details. Default: there is none. */
  readonly reply?: { readonly smtpCode: number; readonly enhancedStatus: string };
}

/** The text for a page, which has no other place for a mail server's reply. */
export function pageText({ text, reply }: Answer): string {
  return reply === undefined ? text : `${text} (${reply.smtpCode} ${reply.enhancedStatus})`;
}

/** Sends a page or problem details (RFC 9457), whatever the client prefers. */
export function sendAnswer(req: Request, res: Response, visit: Visit, answer: Answer): void {
  if (wantsHtml(req)) sendAnswerPage(res, visit, answer);
  else sendProblem(res, answer);
}

/** Sends problem details (RFC 9457). */
export function sendProblem(res: Response, answer: Answer): void {
  const { status, code, text, reply } = answer;
  setRetryAfter(res, answer);
  const problem = {
    type: "about:blank",
    title: STATUS_CODES[status],
    status,
    code,
    detail: text,
    ...reply,
  };
  const body = JSON.stringify(problem);
  // Express' send would work out an ETag, of an answer that nobody may keep.
  res.statusCode = status;
  res.setHeader("Cache-Control", "no-store");
  res.setHeader("Content-Type", "application/problem+json; charset=utf-8");
  res.setHeader("Content-Length", Buffer.byteLength(body));
  res.end(body);
}

/** Sends JSON that nobody may keep. */
export function sendJson(res: Response, value: object): void {
  res.status(200).set("Cache-Control", "no-store").type("application/json");
  res.send(JSON.stringify(value));
}

function sendAnswerPage(res: Response, visit: Visit, answer: Answer): void {
  const { title, actions = [backToStart(visit)] } = answer;
  const site = visit.settings.realmName;
  setRetryAfter(res, answer);
  sendPage(res, answer.status, messagePage({ site, title, text: pageText(answer), actions }));
}

/** Says when to try again, if that is known. */
export function setRetryAfter(res: Response, { retryAfter }: Answer): void {
  if (retryAfter !== undefined) res.set("Retry-After", String(retryAfter));
}

export function backToStart(visit: Visit): MessageAction {
  return { label: "Back to start", href: startPath(visit) };
}

/** Sends one of our own pages: never kept by a browser, never shown in a frame, and its forms can tell where they come from. */
export function sendPage(res: Response, status: number, html: string, hasScript = false): void {
  if (!res.hasHeader("Content-Security-Policy")) {
    const script = hasScript ? "script-src 'self'; connect-src 'self'; " : "";
    const policy = `default-src 'none'; ${script}style-src ${STYLE_SOURCE}; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;
    res.set("Content-Security-Policy", policy);
  }
  sendHtml(res, status, html);
}

/** The same for a page that is not ours, and may need scripts and pictures. */
export function sendHtml(res: Response, status: number, html: string): void {
  // With no-referrer, which is helmet's default, browsers say "Origin: null" when a form is sent over plain HTTP.
  res.set("Referrer-Policy", "same-origin");
  res.set("X-Content-Type-Options", "nosniff");
  if (!res.hasHeader("X-Frame-Options")) res.set("X-Frame-Options", "DENY");
  res.status(status).set("Cache-Control", "no-store").type("html").send(html);
}

/** 303: the browser asks for the other page with GET. */
export function redirect(res: Response, location: string): void {
  res.status(303).set("Cache-Control", "no-store").set("Location", location).end();
}
