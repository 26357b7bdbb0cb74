import { escapeHtml } from "./escape-html.ts";
import { layout } from "./layout.ts";

/** What the page shows where somebody changes their password. Every string is raw. */
export interface ChangePage {
  readonly site: string;
  /** Where the form posts to. */
  readonly action: string;
  /** The checked path to come back to; the form sends it as the hidden field `returnTo`. */
  readonly returnTo: string;
  /** Whose password, as far as that is known; never a password. */
  readonly username: string;
  /** Why the last try failed, or why a new password is needed. */
  readonly error?: string;
}

const TITLE = "Change your password";

/** The form for a new password. Needs no script, and works under helmet's Content-Security-Policy as it is. */
export function changePage({ site, action, returnTo, username, error }: ChangePage): string {
  const describedBy = error === undefined ? "" : ` aria-describedby="error"`;
  // Focus goes to what has to be read or filled in first.
  const focusName = error === undefined && username === "" ? " autofocus" : "";
  const focusOld = error === undefined && username !== "" ? " autofocus" : "";
  const tab = `${TITLE} · ${site}`;
  return layout(
    error === undefined ? tab : `Error · ${tab}`,
    `<h1>${TITLE}</h1>
<p class="lead">Then sign in with the new one, everywhere.</p>
${error === undefined ? "" : `<p class="alert" id="error" role="alert" tabindex="-1" autofocus>${escapeHtml(error)}</p>`}
<form method="post" action="${escapeHtml(action)}" accept-charset="utf-8">
<input type="hidden" name="returnTo" value="${escapeHtml(returnTo)}">
<label for="username">User name</label>
<input id="username" name="username" type="text" value="${escapeHtml(username)}" autocomplete="username" autocapitalize="none" autocorrect="off" spellcheck="false" required${describedBy}${focusName}>
<label for="oldPassword">Old password</label>
<input id="oldPassword" name="oldPassword" type="password" autocomplete="current-password" required${describedBy}${focusOld}>
<label for="newPassword">New password</label>
<input id="newPassword" name="newPassword" type="password" autocomplete="new-password" required${describedBy}>
<label for="confirmation">New password again</label>
<input id="confirmation" name="confirmation" type="password" autocomplete="new-password" required${describedBy}>
<button type="submit">Change password</button>
</form>
<p class="aside"><a href="${escapeHtml(returnTo)}">Cancel</a></p>`,
    site,
  );
}
