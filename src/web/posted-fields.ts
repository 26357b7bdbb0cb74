import express, { type Request, type Response } from "express";
import type { Answer } from "./answer.ts";

/** What something was posted as: decides how it is answered. */
export type PostedFormat = "form" | "json";

/** What was posted, by name; undefined for what was not. */
export type PostedFields = (name: string) => unknown;

const LIMIT = "16kb";
// Compressed bodies are refused: no browser sends one, and 16 kB could unpack to a lot.
const parseForm = express.urlencoded({
  extended: false,
  limit: LIMIT,
  parameterLimit: 20,
  inflate: false,
});
const parseJson = express.json({ limit: LIMIT, inflate: false });

/** Undefined if it is neither. */
export function postedFormat(req: Request): PostedFormat | undefined {
  const type = (req.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase();
  if (type === "application/x-www-form-urlencoded") return "form";
  return type === "application/json" ? "json" : undefined;
}

/**
 * Reads a form or JSON, also where the app has read the body before; or says what is wrong with it. `what` is what it is in words, `made` what
 * it is made of.
 */
export async function readPosted(
  req: Request,
  res: Response,
  { what, made }: { readonly what: string; readonly made: string },
): Promise<PostedFields | Answer> {
  const format = postedFormat(req);
  if (format === undefined || !isUtf8(req)) return unsupported(what);
  // Express 4 sets an empty body also where nothing was read.
  const status = req.readableEnded ? undefined : await parse(format, req, res);
  if (status === 413) return tooLarge(what);
  if (status === 415) return unsupported(what);
  return (status === undefined && fieldsOf(req.body)) || unreadable(what, made);
}

/** What was posted is not as it should be. */
export function unreadable(what: string, made: string): Answer {
  return {
    status: 400,
    code: "bad-request",
    title: "That can't be read",
    text: `${what} is ${made}, all text, and each of them once.`,
  };
}

function tooLarge(what: string): Answer {
  return {
    status: 413,
    code: "too-large",
    title: "That is too much",
    text: `${what} is not as large as this.`,
  };
}

function unsupported(what: string): Answer {
  return {
    status: 415,
    code: "unsupported-media-type",
    title: "That can't be read",
    text: `${what} is sent as a form (application/x-www-form-urlencoded) or as JSON, in UTF-8 and not compressed.`,
  };
}

/** A form's and JSON's own encoding; the parsers would take others too, as far as UTF-7. */
function isUtf8(req: Request): boolean {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(req.headers["content-type"] ?? "")?.[1];
  return charset === undefined || charset.toLowerCase() === "utf-8";
}

/** The status of what is wrong with it, if anything is. */
function parse(format: PostedFormat, req: Request, res: Response): Promise<number | undefined> {
  const parser = format === "form" ? parseForm : parseJson;
  return new Promise((resolve) => {
    parser(req, res, (error?: unknown) => {
      resolve(error === undefined ? undefined : statusOf(error));
    });
  });
}

function statusOf(error: unknown): number {
  const status = typeof error === "object" && error && "status" in error ? error.status : undefined;
  return typeof status === "number" ? status : 400;
}

function fieldsOf(body: unknown): PostedFields | undefined {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return undefined;
  if (["__proto__", "constructor", "prototype"].some((key) => Object.hasOwn(body, key))) {
    return undefined;
  }
  return (name) =>
    Object.hasOwn(body, name) ? (body as Record<string, unknown>)[name] : undefined;
}
