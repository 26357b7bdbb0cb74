/** What a level is: a value of `attribute` that matches `pattern`, e.g. `MyWebAccess` and `MyWebApp_Level_*`. */
export interface Levels {
  readonly attribute: string;
  /** Text with one `*` at its end. */
  readonly pattern: string;
}
