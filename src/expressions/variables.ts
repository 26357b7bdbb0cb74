/** What an expression may ask about a request. Names in any letter case where httpd takes them so. Never throws. */
export interface Variables {
  /** A server variable such as `REMOTE_USER` or `REQUEST_URI`, upper case; undefined where it has no value. */
  variable(name: string): string | undefined;
  /** A request header, in any letter case; several are joined by `", "`. */
  header(name: string): string | undefined;
  /** An environment variable of the request: SetEnvIf's, AUTHENTICATE_*, AUTHORIZE_*. */
  env(name: string): string | undefined;
}
