import { isIP } from "node:net";
import type { Request } from "express";
import type { LoginEvent } from "../events.ts";
import { isUnavailable } from "./failure.ts";
import { eventText } from "./log-text.ts";
import type { Realm } from "./realm.ts";
import type { SignIn, SignInResult } from "./sign-in.ts";

/** A try to sign in, to be told as one event when it has ended. */
export interface Try {
  accepted(dn: string, remembered: boolean): void;
  /** See `RefusalEvent`. */
  refused(reason: string): void;
}

/** Notes when a try began, whose it is and where it comes from. */
export function beginTry(
  req: Request,
  username: string,
  { observe }: Pick<Realm, "observe">,
  by: LoginEvent["by"],
): Try {
  const began = performance.now();
  const who = () => ({
    username: eventText(username),
    address: addressOf(req.ip),
    by,
    milliseconds: performance.now() - began,
  });
  return {
    accepted: (dn, remembered) => observe?.({ type: "login", ...who(), dn, remembered }),
    refused: (reason) => observe?.({ type: "refusal", ...who(), reason }),
  };
}

/** The same way in, and each try is told as an event. */
export function observeSignIn<Shown extends { readonly username: string }>(
  signIn: SignIn<Shown>,
  realm: Pick<Realm, "observe">,
  by: LoginEvent["by"],
): SignIn<Shown> {
  if (realm.observe === undefined) return signIn;
  return async (req, shown, deadline) => {
    const one = beginTry(req, shown.username, realm, by);
    let result: SignInResult;
    try {
      result = await signIn(req, shown, deadline);
    } catch (error) {
      if (isUnavailable(error)) one.refused("unavailable");
      throw error;
    }
    if (result.outcome === "signed-in") {
      one.accepted(result.person.dn, result.remembered === true);
    } else {
      one.refused(result.outcome === "too-many" ? "too-many-attempts" : result.reason);
    }
    return result;
  };
}

/** With `trust proxy` it may be whatever the visitor sent. */
function addressOf(ip: string | undefined): string | undefined {
  return ip !== undefined && isIP(ip) > 0 ? ip : undefined;
}
