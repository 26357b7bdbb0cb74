import { isUtf8 } from "node:buffer";
import { escapeBytes } from "./escape-bytes.ts";
import type { Filter } from "./filter.ts";

/**
 * Writes a filter as RFC 4515 text that `parseFilter` reads back to the same filter. Text stays readable; what has a
 * meaning in filters, would break a log line or is not UTF-8 is escaped byte by byte.
 */
export function formatFilter(filter: Filter): string {
  switch (filter.type) {
    case "and":
      return `(&${filter.filters.map(formatFilter).join("")})`;
    case "or":
      return `(|${filter.filters.map(formatFilter).join("")})`;
    case "not":
      return `(!${formatFilter(filter.filter)})`;
    case "present":
      return `(${filter.attribute}=*)`;
    case "equal":
      return `(${filter.attribute}=${escapeFilterValue(filter.value)})`;
    case "greater-or-equal":
      return `(${filter.attribute}>=${escapeFilterValue(filter.value)})`;
    case "less-or-equal":
      return `(${filter.attribute}<=${escapeFilterValue(filter.value)})`;
    case "approx":
      return `(${filter.attribute}~=${escapeFilterValue(filter.value)})`;
    case "substrings":
      return `(${filter.attribute}=${formatSubstrings(filter)})`;
    case "extensible":
      return `(${formatExtensible(filter)}:=${escapeFilterValue(filter.value)})`;
  }
}

function formatSubstrings(filter: Filter & { readonly type: "substrings" }): string {
  const { initial, any, final } = filter;
  const none = Buffer.alloc(0);
  return [initial ?? none, ...any, final ?? none].map(escapeFilterValue).join("*");
}

function formatExtensible(filter: Filter & { readonly type: "extensible" }): string {
  const { attribute = "", dnAttributes, rule } = filter;
  return attribute + (dnAttributes ? ":dn" : "") + (rule === undefined ? "" : `:${rule}`);
}

/** Escapes a value for the text of a filter: RFC 4515 section 3. */
export function escapeFilterValue(value: string | Buffer): string {
  const bytes = typeof value === "string" ? Buffer.from(value) : value;
  if (isUtf8(bytes)) {
    return bytes.toString().replace(/[()*\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escapeBytes);
  }
  return bytes
    .toString("latin1")
    .replace(/[()*\\\p{Cc}\u00a0-\u00ff]/gu, (byte) => escapeBytes(Buffer.from(byte, "latin1")));
}
