import type { AccountState, PasswordWarning } from "../directory/account-answer.ts";
import type { AccountTexts } from "./account-texts.ts";
import { checkedText } from "./checked-text.ts";

const TITLES: Readonly<Record<AccountState, string>> = {
  "account-disabled": "Account disabled",
  "account-locked": "Account locked",
  "account-expired": "Account expired",
  "password-expired": "Password expired",
  "must-change-password": "A new password is needed",
  "not-at-this-time": "Not at this time",
  "not-from-here": "Not from here",
};

const TEXTS: Readonly<Record<AccountState, string>> = {
  "account-disabled": "Your account is disabled. Please contact your administrator.",
  "account-locked":
    "Your account is locked. Please try again later, or contact your administrator.",
  "account-expired": "Your account has expired. Please contact your administrator.",
  "password-expired": "Your password has expired. Please contact your administrator.",
  "must-change-password":
    "Your password has to be changed before you can sign in. Please contact your administrator.",
  "not-at-this-time":
    "Your account may not be used at this time. Please try again later, or contact your administrator.",
  "not-from-here": "Your account may not be used from here. Please contact your administrator.",
};

/** Where a new password helps, and can be chosen here. */
const TEXTS_OF_CHANGEABLE: { readonly [State in AccountState]?: string } = {
  "password-expired": "Your password has expired. Please choose a new one.",
  "must-change-password": "Please choose a new password before you go on.",
};

/** Whether a new password would put it right. */
export function isCuredByNewPassword(state: AccountState): boolean {
  return TEXTS_OF_CHANGEABLE[state] !== undefined;
}

/** A heading for people. */
export function accountTitle(state: AccountState): string {
  return TITLES[state];
}

/** A sentence or two for people: the application's own words where it has any. `isChangeable`: a new password can be chosen here. */
export function accountText(
  state: AccountState,
  texts: AccountTexts,
  isChangeable: boolean,
): string {
  const changeable = isChangeable ? TEXTS_OF_CHANGEABLE[state] : undefined;
  return texts[state] ?? changeable ?? TEXTS[state];
}

/** "Your password expires in 3 days.", or the application's own words. Throws a `ConfigError` where these are no text. */
export function warningText(warning: PasswordWarning, { warning: say }: AccountTexts): string {
  return say ? checkedText(say(warning), "texts.warning") : englishWarning(warning);
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function englishWarning({ expiresIn, graceLogins }: PasswordWarning): string {
  if (graceLogins !== undefined) {
    if (graceLogins <= 0) return "Your password has expired, and this was the last login with it.";
    return `Your password has expired: ${counted(graceLogins, "login")} left.`;
  }
  return `Your password expires ${expiresIn === undefined ? "soon" : within(expiresIn)}.`;
}

/** Never more than is left. */
function within(seconds: number): string {
  if (seconds < MINUTE) return "in less than a minute";
  if (seconds < HOUR) return `in ${counted(Math.floor(seconds / MINUTE), "minute")}`;
  if (seconds < DAY) return `in ${counted(Math.floor(seconds / HOUR), "hour")}`;
  return `in ${counted(Math.floor(seconds / DAY), "day")}`;
}

function counted(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}
