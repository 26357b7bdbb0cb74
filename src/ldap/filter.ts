/**
 * A search filter (RFC 4511 section 4.5.1.7) as plain data. Values are bytes, so that binary values (objectGUID) and
 * user input need no escaping: they never meet filter text.
 */
export type Filter =
  | { readonly type: "and" | "or"; readonly filters: readonly Filter[] }
  | { readonly type: "not"; readonly filter: Filter }
  | { readonly type: "present"; readonly attribute: string }
  | {
      readonly type: "equal" | "greater-or-equal" | "less-or-equal" | "approx";
      readonly attribute: string;
      readonly value: Buffer;
    }
  | {
      readonly type: "substrings";
      readonly attribute: string;
      readonly initial?: Buffer;
      readonly any: readonly Buffer[];
      readonly final?: Buffer;
    }
  | {
      readonly type: "extensible";
      readonly rule?: string;
      readonly attribute?: string;
      readonly dnAttributes: boolean;
      readonly value: Buffer;
    };
