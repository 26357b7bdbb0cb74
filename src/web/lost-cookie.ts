import type { Request, Response } from "express";
import type { Log } from "../log.ts";
import { sessionOf } from "./session.ts";

/**
 * Records, once, that a login was lost because express-session sends no `secure` cookie over a connection that does not
 * count as HTTPS: the visitor comes back as nobody and gets the login page again, with nothing to tell why.
 */
export function watchForLostCookies(log: Log): (req: Request, res: Response) => void {
  let isRecorded = false;

  return (req, res) => {
    if (isRecorded || req.secure || !hasSecureCookie(req)) return;
    res.once("finish", () => {
      // With its own `proxy` option, express-session may know better than req.secure.
      if (isRecorded || res.hasHeader("Set-Cookie")) return;
      isRecorded = true;
      const message =
        'The session cookie is "secure", but the login did not come over HTTPS: express-session sent no cookie, so nobody stays signed in. Serve HTTPS, or set Express\'s "trust proxy" if a proxy in front does.';
      log({ level: "error", event: "misconfigured", message });
    });
  };
}

function hasSecureCookie(req: Request): boolean {
  const cookie = sessionOf(req)?.cookie;
  return (
    typeof cookie === "object" && cookie !== null && "secure" in cookie && cookie.secure === true
  );
}
