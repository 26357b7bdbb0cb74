import { areAcceptable } from "../authentication/acceptable-credentials.ts";
import type { PasswordChangeResult } from "../authentication/password-change.ts";
import { notChangeable } from "./account-answers.ts";
import type { Answer } from "./answer.ts";
import { INVALID_CREDENTIALS, tooMany } from "./answers.ts";
import type { TooMany } from "./guesses.ts";
import { eventText } from "./log-text.ts";
import type { PasswordBody } from "./password-body.ts";
import type { Visit } from "./visit.ts";

const UNUSABLE: Answer = {
  status: 422,
  code: "password-unusable",
  title: "Please choose another password",
  text: "A new password has at least one character, at most 1,024 bytes, and no control characters.",
};

const UNCHANGED: Answer = {
  status: 422,
  code: "password-unchanged",
  title: "Please choose another password",
  text: "The new password is the old one. Please choose another one.",
};

const DIFFERENT: Answer = {
  status: 422,
  code: "passwords-differ",
  title: "Not the same twice",
  text: "The new password was not typed the same way twice.",
};

/** The old one or the new one: nobody knows. */
export const CHANGE_UNAVAILABLE: Answer = {
  status: 503,
  code: "unavailable",
  title: "Not available right now",
  text: "We can't say whether your password was changed. Please try again in a little while: if the old one is wrong then, the new one is right.",
  retryAfter: 5,
};

/** What is wrong with a new password, as far as nobody has to be asked. */
export function problemOf({ change, confirmation }: PasswordBody): Answer | undefined {
  const { oldPassword, newPassword } = change;
  if (confirmation !== undefined && confirmation !== newPassword) return DIFFERENT;
  // HTTP Basic can't send a control character (RFC 7617 section 2).
  const isUsable =
    areAcceptable({ username: "x", password: newPassword }) && !/\p{Cc}/u.test(newPassword);
  if (!isUsable) return UNUSABLE;
  return newPassword === oldPassword ? UNCHANGED : undefined;
}

/** How a change that came to nothing is answered. */
export function answerTo(
  result:
    | Exclude<PasswordChangeResult, { readonly outcome: "changed" | "perhaps-changed" }>
    | TooMany,
  visit: Visit,
): Answer {
  switch (result.outcome) {
    case "too-many":
      return tooMany(result.retryAfter);
    case "wrong-credentials":
      return INVALID_CREDENTIALS;
    case "not-possible":
      return notChangeable(result.state, visit);
    case "refused":
      return {
        status: 422,
        code: "password-refused",
        title: "Please choose another password",
        text: refusalText(result.text),
      };
  }
}

/** In the directory's own words, where it has any. */
function refusalText(text = ""): string {
  const said = eventText(text).trim();
  if (said !== "") return `The directory does not accept this password: ${said}`;
  return "The directory does not accept this password. It may be too short, too simple, or one that you have used before.";
}
