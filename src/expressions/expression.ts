import type { Variables } from "./variables.ts";

/** A piece of a substituted text, so that whoever uses it can escape what came from outside for its place. */
export type Piece =
  /** The administrator's own text. */
  | { readonly kind: "literal"; readonly text: string }
  /** What was substituted: from the visitor, the directory or the environment. */
  | { readonly kind: "value"; readonly text: string }
  /**
   * What was substituted by `%{ldap:…}`: already escaped as in RFC 4515, which a DN takes too. In a filter or a DN it is put
   * in as it is; everywhere else it is a value like others: no word or pair ends in it.
   */
  | { readonly kind: "escaped"; readonly text: string };

/** A `%{…}` string that was parsed once. */
export interface StringExpression {
  /** The whole text, where nothing in it is substituted. */
  readonly constant: string | undefined;
  /** Never throws but a `CannotTell`. */
  evaluate(variables: Variables): readonly Piece[];
}

/** An httpd expression (`Require expr`, `<If>`) that was parsed once. */
export interface Condition {
  /** Whether it mentions REMOTE_USER: then a no before the login is not final. */
  readonly mentionsUser: boolean;
  /** Never throws but a `CannotTell`. */
  evaluate(variables: Variables): boolean;
  /** The same, with what `$0` to `$9` stand for afterwards. */
  match(variables: Variables): ConditionMatch;
}

export interface ConditionMatch {
  readonly holds: boolean;
  /** Of the last pattern with groups; undefined where none matched. */
  readonly captures: readonly string[] | undefined;
}
