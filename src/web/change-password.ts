import type { Request } from "express";
import type { PasswordChange, PasswordChangeResult } from "../authentication/password-change.ts";
import type { Deadline } from "../directory/deadline.ts";
import { askDirectory } from "./ask-directory.ts";
import { isUnavailable } from "./failure.ts";
import type { CountGuess, TooMany, Verdict } from "./guesses.ts";
import { logText } from "./log-text.ts";
import { beginTry } from "./observed-sign-in.ts";
import type { Realm } from "./realm.ts";
import { SAYS_NOTHING } from "./sign-in.ts";
import { mayBeLookedUp } from "./typed-credentials.ts";

/** Sets a new password that came with a request. Rejects with a `DirectoryError` if nobody could say whether it was set. */
export type ChangePassword = (
  req: Request,
  change: PasswordChange,
  deadline: Deadline,
) => Promise<PasswordChangeResult | TooMany>;

/**
 * The old password counts as a guess, as at a login: what may not be looked up is refused, guesses are counted, all is logged. Undefined where the
 * realm does not offer it.
 */
export function prepareChangePassword(
  realm: Realm,
  countGuess: CountGuess,
): ChangePassword | undefined {
  const { changePassword, log } = realm;
  if (changePassword === undefined) return undefined;

  async function ask(
    req: Request,
    change: PasswordChange,
    deadline: Deadline,
    set: NonNullable<Realm["changePassword"]>,
  ): Promise<PasswordChangeResult | TooMany> {
    const { username, oldPassword } = change;
    if (!mayBeLookedUp({ username, password: oldPassword })) {
      return { outcome: "wrong-credentials", reason: "unacceptable-credentials" };
    }
    const guess = { username, address: req.ip };
    return countGuess(
      guess,
      (attempt) => askDirectory(deadline, () => set(change, deadline, attempt)),
      verdictOf,
    );
  }

  return async (req, change, deadline) => {
    const { username } = change;
    const details = { username: logText(username), address: logText(req.ip ?? "") };
    const one = beginTry(req, username, realm, "form");
    let result: PasswordChangeResult | TooMany;
    try {
      result = await ask(req, change, deadline, changePassword);
    } catch (error) {
      if (isUnavailable(error)) one.refused("unavailable");
      throw error;
    }
    if (result.outcome === "changed" || result.outcome === "perhaps-changed") {
      // The old one may be remembered under this spelling; by the entry's own name their logins end anyway.
      realm.forget?.(username);
      if (result.outcome === "changed") {
        const message = "A password was changed.";
        log({ level: "info", event: "password-changed", message, details });
      } else {
        one.refused("unavailable");
      }
      return result;
    }
    if (result.outcome === "too-many") {
      one.refused("too-many-attempts");
      const message = "Too many wrong passwords: the directory is not asked for now.";
      log({ level: "warn", event: "login-throttled", message, details });
      return result;
    }
    if (result.outcome === "wrong-credentials") one.refused(result.reason);
    const message = "A change of a password was refused.";
    const reason = reasonOf(result);
    log({ level: "warn", event: "password-refused", message, details: { ...details, reason } });
    return result;
  };
}

/** Only a new password that was set proves the old one: a server may dislike the new one before it looks at the old. */
function verdictOf(result: PasswordChangeResult): Verdict {
  if (result.outcome === "changed") return "right";
  const isWrong = result.outcome === "wrong-credentials" && !SAYS_NOTHING.has(result.reason);
  return isWrong ? "wrong" : "unchecked";
}

/** Not the server's own text, which could repeat what was typed. */
function reasonOf(
  result: Exclude<PasswordChangeResult, { readonly outcome: "changed" | "perhaps-changed" }>,
): string {
  switch (result.outcome) {
    case "wrong-credentials":
      return result.reason;
    case "refused":
      return "new-password";
    case "not-possible":
      return result.state ?? "not-possible";
  }
}
