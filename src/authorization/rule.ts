/**
 * Who may pass, as plain data: what a guard carries as its `rule`, so that it can be printed, composed, explained
 * and tested.
 */
export type Rule =
  | { readonly type: "valid-user" }
  | { readonly type: "user"; readonly names: readonly string[] }
  | { readonly type: "level"; readonly level: number | string }
  | { readonly type: "group"; readonly groups: readonly string[] }
  | { readonly type: "dn"; readonly dns: readonly string[] }
  | { readonly type: "attribute"; readonly attribute: string; readonly values: readonly string[] }
  | { readonly type: "filter"; readonly filter: string }
  | {
      readonly type: "search";
      readonly filter: string;
      readonly base?: string;
      readonly scope?: "base" | "one" | "sub";
    }
  | { readonly type: "all" | "any" | "none"; readonly rules: readonly Rule[] };
