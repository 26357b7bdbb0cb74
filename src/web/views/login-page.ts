import { escapeHtml } from "./escape-html.ts";
import { layout } from "./layout.ts";
import type { LoginPage } from "./login-view.ts";

/** Not in a noscript: scripts may also be blocked, or lost on their way. */
const NEEDS_SCRIPT =
  "Signing in here needs JavaScript, so that your password never leaves this browser.";

/** The built-in login page. Works under helmet's Content-Security-Policy as it is, and without a script where passwords may be sent. */
export function loginPage(page: LoginPage): string {
  const { title, action, returnTo, username, error, notice, passwordHref } = page;
  const { mechanisms = ["plain"], scriptHref } = page;
  // A field without a name is not sent, whatever becomes of the script.
  const isSendable = mechanisms.includes("plain");
  const name = (text: string) => (isSendable ? ` name="${text}"` : "");
  const may = scriptHref === undefined ? "" : ` data-mechanisms="${mechanisms.join(" ")}"`;
  const describedBy = error === undefined ? "" : ` aria-describedby="error"`;
  // Focus goes to what has to be read or filled in first.
  const focusName = error === undefined && username === "" ? " autofocus" : "";
  const focusPassword = error === undefined && username !== "" ? " autofocus" : "";
  const tab = title === "Sign in" ? title : `Sign in · ${title}`;
  return layout(
    error === undefined ? tab : `Error · ${tab}`,
    `<h1>${escapeHtml(title)}</h1>
<p class="lead">Use the name and password of your directory account.</p>
${error === undefined ? "" : `<p class="alert" id="error" role="alert" tabindex="-1" autofocus>${escapeHtml(error)}</p>`}
${notice === undefined ? "" : `<p class="notice" role="status">${escapeHtml(notice)}</p>`}
<form method="post" action="${escapeHtml(action)}" accept-charset="utf-8"${may}>
<input type="hidden" name="returnTo" value="${escapeHtml(returnTo)}">
<label for="username">User name</label>
<input id="username"${name("username")} type="text" value="${escapeHtml(username)}" autocomplete="username" autocapitalize="none" autocorrect="off" spellcheck="false" required${describedBy}${focusName}>
<label for="password">Password</label>
<input id="password"${name("password")} type="password" autocomplete="current-password" required${describedBy}${focusPassword}>
<button type="submit"${isSendable ? "" : " disabled"}>Sign in</button>
</form>
${isSendable ? "" : `<p class="alert late" id="needs-script">${NEEDS_SCRIPT}</p>`}
${scriptHref === undefined ? "" : `<script src="${escapeHtml(scriptHref)}" defer></script>`}
${passwordHref === undefined ? "" : `<p class="aside"><a href="${escapeHtml(passwordHref)}">Change your password</a></p>`}`,
  );
}
