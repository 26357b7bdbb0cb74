/** What the login page shows. Every string is raw: a view escapes what it puts into HTML. */
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
  /** Where passwords are changed, with the way back; absent where that is not offered. */
  readonly passwordHref?: string;
}

/** Renders the whole login page as HTML. Replaceable by `login: { view }`. */
export type LoginView = (page: LoginPage) => string;
