import type { AccountState } from "../directory/account-answer.ts";
import { accountText, accountTitle, isCuredByNewPassword } from "./account-words.ts";
import { type Answer, backToStart } from "./answer.ts";
import { loginHref, passwordHref, startPath } from "./return-path.ts";
import type { Visit } from "./visit.ts";

/** The password is right, and the account may not be used: says why, and what can be done. `returnTo` is where the visitor was going. */
export function accountAnswer(
  state: AccountState,
  visit: Visit,
  returnTo: string = startPath(visit),
): Answer {
  const change = isCuredByNewPassword(state) ? passwordHref(visit, returnTo) : undefined;
  const signIn = { label: "Sign in", href: loginHref(visit, returnTo) };
  const otherwise = visit.hasLoginForm ? signIn : backToStart(visit);
  return {
    ...refusal(state, visit, change !== undefined),
    actions: [change === undefined ? otherwise : { label: "Change your password", href: change }],
  };
}

/** The old password is right, and can't be changed here. */
export function notChangeable(state: AccountState | undefined, visit: Visit): Answer {
  if (state !== undefined) return refusal(state, visit, false);
  return {
    status: 403,
    code: "password-not-changeable",
    title: "Not possible here",
    text: "Your password can't be changed here. Please contact your administrator.",
  };
}

function refusal(state: AccountState, { settings }: Visit, isChangeable: boolean): Answer {
  return {
    status: 403,
    code: state,
    title: accountTitle(state),
    text: accountText(state, settings.texts, isChangeable),
  };
}
