import type { Mechanism } from "../../authentication/credentials.ts";

/**
 * What the login page shows. Every string is raw: a view escapes what it puts into HTML.
 *
 * Where `scriptHref` is given, the page loads it, `<script src="…" defer></script>`, and says on its form what it may do: `data-mechanisms` holds `mechanisms`,
 * with blanks between them. The script finds the form by that, and in it the fields with the ids `username` and `password`, the field `returnTo` and the submit button.
 * Where `mechanisms` lacks `"plain"` the two fields have no `name` and the button is `disabled`, so that no password leaves a browser in which the script does not run; what
 * has the id `needs-script` may say so, and is removed by the script.
 */
export interface LoginPage {
  /** The heading: the realm's name. */
  readonly title: string;
  /** Where the form posts to. */
  readonly action: string;
  /** The checked path to come back to; the form sends it as the hidden field `returnTo`. */
  readonly returnTo: string;
  /** The name that was typed before; never the password. */
  readonly username: string;
  /** Why the last try failed, in words for the visitor. */
  readonly error?: string;
  /** Something else to tell: "You have signed out." */
  readonly notice?: string;
  /** The mechanisms that are offered. Default: `["plain"]`. */
  readonly mechanisms?: readonly Mechanism[];
  /** The script that signs in without sending the password; absent where only `"plain"` is offered. */
  readonly scriptHref?: string;
  /** Where passwords are changed, with the way back; absent where that is not offered. */
  readonly passwordHref?: string;
}

/** Renders the whole login page as HTML. Replaceable by `login: { view }`. */
export type LoginView = (page: LoginPage) => string;
