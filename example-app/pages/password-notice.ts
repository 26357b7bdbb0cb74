// In your own project, this is "express-authnz-ldap".
import type { PasswordWarning } from "../../src/index.ts";
import { type Html, html } from "./html.ts";

const DAY = 86_400;

/** Where the visitor's password stands, and where to change it; nothing where there is nothing to tell. */
export function passwordNotice(
  warning: PasswordWarning | undefined,
  passwordPath: string | undefined,
): Html {
  if (passwordPath === undefined && warning === undefined) return html``;
  const link = passwordPath
    ? html`<a href="${passwordPath}">Change your password</a>`
    : html`Ask your administrator for a new one.`;
  if (warning === undefined) return html`<p class="fine">${link}</p>`;
  return html`<p class="panel" role="status">${words(warning)} ${link}</p>`;
}

function words({ expiresIn = 0, graceLogins }: PasswordWarning): string {
  if (graceLogins === 0) return "Your password has expired: you can't sign in with it again.";
  if (graceLogins !== undefined) {
    const logins = graceLogins === 1 ? "1 more login" : `${graceLogins} more logins`;
    return `Your password has expired: ${logins}.`;
  }
  const days = Math.floor(expiresIn / DAY);
  return `Your password expires ${days < 1 ? "today" : days === 1 ? "tomorrow" : `in ${days} days`}.`;
}
