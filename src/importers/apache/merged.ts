import type { Directive } from "./directive.ts";

/** Where a directive stands, for what httpd allows in which place. */
export type Place =
  | { readonly kind: "server" }
  /** `name` is the innermost section around it, as httpd writes it: `Location`, `Files`. */
  | { readonly kind: "section"; readonly name: string }
  | { readonly kind: "htaccess" };

/** A directive that counts for a path, and where it stands. */
export interface Effective {
  readonly directive: Directive;
  readonly place: Place;
}

/**
 * What all sections that match a path amount to, the way httpd merges them: what is dropped or replaced is gone
 * already, and what is left may be read from the first to the last line as if it stood in one section.
 */
export interface Merged {
  /** The access directives of the sections but `Require`, `<RequireAny>` and their like; outermost section first. */
  readonly directives: readonly Effective[];
  /** Undefined where nothing is required. Not empty, and no negative stands alone: that has been checked. */
  readonly require: RequireNode | undefined;
  /** What is not in any section (or is in the one `<VirtualHost>`), with `Require` and sections taken out. */
  readonly server: readonly Directive[];
  readonly aliases: readonly ProviderAlias[];
}

/** `Require` lines as they nest. Where a level is implied, `directive` is the first line in it. */
export type RequireNode =
  | {
      readonly kind: "require";
      readonly directive: Directive;
      /** `Require not`. */
      readonly negated: boolean;
      /** What stands behind the word `not`, if there is one: type and argument, as written. */
      readonly rest: string;
    }
  | {
      readonly kind: "all" | "any" | "none";
      readonly directive: Directive;
      readonly children: readonly RequireNode[];
    }
  | {
      /** `<Limit>`; for other methods it is granted in an "all" and neutral in an "any". A root is in an "all". */
      readonly kind: "limit";
      readonly directive: Directive;
      /** In upper case; GET means HEAD too. */
      readonly methods: readonly string[];
      /** `<LimitExcept>`. */
      readonly except: boolean;
      readonly child: RequireNode;
    };

/** `<AuthnProviderAlias BASE NAME>` or `<AuthzProviderAlias BASE NAME ARGUMENT>` with the directives in it. */
export interface ProviderAlias {
  readonly kind: "authn" | "authz";
  readonly base: string;
  readonly name: string;
  /** Only of "authz": the Require arguments, as written within its quotes. */
  readonly argument: string;
  readonly directive: Directive;
  readonly directives: readonly Directive[];
}

/**
 * `checkDirective` of directive-table.ts, asked once about every plain directive of the text (but `Require`), overridden or not:
 * why it is not carried; undefined if it is about access and carried. Throws a `ConfigError` where httpd would
 * (not allowed here, wrong arguments) and for what touches access and can't be honoured.
 */
export type CheckDirective = (directive: Directive, place: Place) => string | undefined;
