import type { Request, Response } from "express";
import type { PasswordChange } from "../authentication/password-change.ts";
import type { Answer } from "./answer.ts";
import { postedFormat, readPosted, unreadable } from "./posted-fields.ts";

/** What somebody who wants a new password sent. */
export interface PasswordBody {
  readonly change: PasswordChange;
  /** The new password once more; a form always has it. */
  readonly confirmation: string | undefined;
  readonly returnTo: string | undefined;
}

const WHAT = "A change of a password";
const MADE = "a user name, the old password and the new one";

/** Reads it, also where the app has read the body before; or says what is wrong with it. */
export async function readPasswordBody(
  req: Request,
  res: Response,
): Promise<PasswordBody | Answer> {
  const field = await readPosted(req, res, { what: WHAT, made: MADE });
  if (typeof field !== "function") return field;
  const [username, oldPassword, newPassword] = [
    field("username"),
    field("oldPassword"),
    field("newPassword"),
  ];
  const [confirmation, returnTo] = [field("confirmation"), field("returnTo")];
  const isReadable =
    typeof username === "string" &&
    typeof oldPassword === "string" &&
    typeof newPassword === "string" &&
    (typeof confirmation === "string" ||
      (confirmation === undefined && postedFormat(req) === "json")) &&
    (returnTo === undefined || typeof returnTo === "string");
  if (!isReadable) return unreadable(WHAT, MADE);
  return { change: { username, oldPassword, newPassword }, confirmation, returnTo };
}
