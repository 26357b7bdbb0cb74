import { escapeHtml } from "./escape-html.ts";
import { layout } from "./layout.ts";
import type { LoginPage } from "./login-view.ts";

/** The built-in login page. Needs no script, and works under helmet's Content-Security-Policy as it is. */
export function loginPage(page: LoginPage): string {
  const { title, action, returnTo, username, error, notice, passwordHref } = page;
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
<form method="post" action="${escapeHtml(action)}" accept-charset="utf-8">
<input type="hidden" name="returnTo" value="${escapeHtml(returnTo)}">
<label for="username">User name</label>
<input id="username" name="username" type="text" value="${escapeHtml(username)}" autocomplete="username" autocapitalize="none" autocorrect="off" spellcheck="false" required${describedBy}${focusName}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required${describedBy}${focusPassword}>
<button type="submit">Sign in</button>
</form>
${passwordHref === undefined ? "" : `<p class="aside"><a href="${escapeHtml(passwordHref)}">Change your password</a></p>`}`,
  );
}
