import type { Request, Response } from "express";
import type { Credentials } from "../authentication/credentials.ts";
import type { Answer } from "./answer.ts";
import { readPosted, unreadable } from "./posted-fields.ts";

export interface LoginBody {
  readonly credentials: Credentials;
  readonly returnTo: string | undefined;
}

const WHAT = "A login";
const MADE = "a user name and a password";

/** Reads the name and the password, also where the app has read the body before; or says what is wrong with it. */
export async function readLoginBody(req: Request, res: Response): Promise<LoginBody | Answer> {
  const field = await readPosted(req, res, { what: WHAT, made: MADE });
  if (typeof field !== "function") return field;
  const [username, password, returnTo] = [field("username"), field("password"), field("returnTo")];
  const isReadable =
    typeof username === "string" &&
    typeof password === "string" &&
    (returnTo === undefined || typeof returnTo === "string");
  return isReadable ? { credentials: { username, password }, returnTo } : unreadable(WHAT, MADE);
}
