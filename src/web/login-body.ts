import type { Request, Response } from "express";
import type { Credentials } from "../authentication/credentials.ts";
import type { Answer } from "./answer.ts";
import type { ChallengeResponse } from "./challenges/sign-in-by-challenge.ts";
import { postedFormat, readPosted, unreadable } from "./posted-fields.ts";

/** A name with a password, or the answer to a challenge. */
export type LoginBody = { readonly returnTo: string | undefined } & (
  | { readonly credentials: Credentials }
  | { readonly answer: ChallengeResponse }
);

const WHAT = "A login";
const MADE = "a user name and a password";

/** Reads what signs in, also where the app has read the body before; or says what is wrong with it. The answer to a challenge comes as JSON. */
export async function readLoginBody(req: Request, res: Response): Promise<LoginBody | Answer> {
  const field = await readPosted(req, res, { what: WHAT, made: MADE });
  if (typeof field !== "function") return field;
  const [username, password, returnTo] = [field("username"), field("password"), field("returnTo")];
  const [mechanism, response] = [field("mechanism"), field("response")];
  if (returnTo !== undefined && typeof returnTo !== "string") return unreadable(WHAT, MADE);
  if (typeof username === "string" && typeof password === "string" && response === undefined) {
    return { credentials: { username, password }, returnTo };
  }
  const isAnswer =
    postedFormat(req) === "json" &&
    typeof mechanism === "string" &&
    typeof response === "string" &&
    password === undefined;
  return isAnswer ? { answer: { mechanism, response }, returnTo } : unreadable(WHAT, MADE);
}
