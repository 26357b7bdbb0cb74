import type { Request } from "express";
import type { LoginEvent } from "../events.ts";
import { logText } from "./log-text.ts";
import { beginTry } from "./observed-sign-in.ts";
import type { Realm } from "./realm.ts";

/** A try to sign in that nobody had to be asked about. */
export interface RefusedTry {
  /** As typed; empty where that is not known. */
  readonly username: string;
  readonly by: LoginEvent["by"];
  /** See `RefusalEvent`. */
  readonly reason: string;
}

/** Records it, as one that the directory refuses. */
export function noteRefusedTry(
  req: Request,
  realm: Pick<Realm, "log" | "observe">,
  { username, by, reason }: RefusedTry,
): void {
  beginTry(req, username, realm, by).refused(reason);
  const details = { username: logText(username), address: logText(req.ip ?? ""), reason };
  realm.log({
    level: "warn",
    event: "login-refused",
    message: "A login was refused.",
    details,
  });
}
