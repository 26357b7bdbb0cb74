import type { Request } from "express";
import type { LoginEvent } from "../events.ts";
import { logText } from "./log-text.ts";
import { beginTry } from "./observed-sign-in.ts";
import type { Realm } from "./realm.ts";

/** A password came over plain HTTP, and is not looked at: records that, for who runs the site, without whose it may be. */
export function noteExposedPassword(
  req: Request,
  realm: Pick<Realm, "log" | "observe">,
  by: LoginEvent["by"],
): void {
  beginTry(req, "", realm, by).refused("tls-required");
  const message =
    "A password was sent over plain HTTP. It was not checked, and must be taken as exposed.";
  const details = { address: logText(req.ip ?? "") };
  realm.log({ level: "warn", event: "password-over-plain-http", message, details });
}
