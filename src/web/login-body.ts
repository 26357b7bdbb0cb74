import express, { type Request, type Response } from "express";
import type { Credentials } from "../authentication/credentials.ts";
import type { Answer } from "./answer.ts";

/** What a login was sent as: decides how it is answered. */
export type LoginFormat = "form" | "json";

export interface LoginBody {
  readonly credentials: Credentials;
  readonly returnTo: string | undefined;
}

const LIMIT = "16kb";
// Compressed bodies are refused: no browser sends one, and 16 kB could unpack to a lot.
const parseForm = express.urlencoded({
  extended: false,
  limit: LIMIT,
  parameterLimit: 20,
  inflate: false,
});
const parseJson = express.json({ limit: LIMIT, inflate: false });

const BAD_REQUEST: Answer = {
  status: 400,
  code: "bad-request",
  title: "That can't be read",
  text: "A login is a user name and a password, both text, and each of them once.",
};
const TOO_LARGE: Answer = {
  status: 413,
  code: "too-large",
  title: "That is too much",
  text: "A login is not as large as this.",
};
const UNSUPPORTED: Answer = {
  status: 415,
  code: "unsupported-media-type",
  title: "That can't be read",
  text: "A login is sent as a form (application/x-www-form-urlencoded) or as JSON, in UTF-8 and not compressed.",
};

/** Undefined if it is neither. */
export function loginFormat(req: Request): LoginFormat | undefined {
  const type = (req.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase();
  if (type === "application/x-www-form-urlencoded") return "form";
  return type === "application/json" ? "json" : undefined;
}

/** Reads the name and the password, also where the app has read the body before; or says what is wrong with it. */
export async function readLoginBody(req: Request, res: Response): Promise<LoginBody | Answer> {
  const format = loginFormat(req);
  if (format === undefined || !isUtf8(req)) return UNSUPPORTED;
  // Express 4 sets an empty body also where nothing was read.
  if (!req.readableEnded) {
    const failure = await parse(format, req, res);
    if (failure) return failure;
  }
  return checkBody(req.body);
}

/** A form's and JSON's own encoding; the parsers would take others too, as far as UTF-7. */
function isUtf8(req: Request): boolean {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(req.headers["content-type"] ?? "")?.[1];
  return charset === undefined || charset.toLowerCase() === "utf-8";
}

function parse(format: LoginFormat, req: Request, res: Response): Promise<Answer | undefined> {
  const parser = format === "form" ? parseForm : parseJson;
  return new Promise((resolve) => {
    parser(req, res, (error?: unknown) => {
      resolve(error === undefined ? undefined : answerFor(error));
    });
  });
}

function answerFor(error: unknown): Answer {
  const status = typeof error === "object" && error && "status" in error ? error.status : 400;
  if (status === 413) return TOO_LARGE;
  return status === 415 ? UNSUPPORTED : BAD_REQUEST;
}

function checkBody(body: unknown): LoginBody | Answer {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return BAD_REQUEST;
  if (["__proto__", "constructor", "prototype"].some((key) => Object.hasOwn(body, key))) {
    return BAD_REQUEST;
  }
  const field = (name: string): unknown =>
    Object.hasOwn(body, name) ? (body as Record<string, unknown>)[name] : undefined;
  const [username, password, returnTo] = [field("username"), field("password"), field("returnTo")];
  if (typeof username !== "string" || typeof password !== "string") return BAD_REQUEST;
  if (returnTo !== undefined && typeof returnTo !== "string") return BAD_REQUEST;
  return { credentials: { username, password }, returnTo };
}
