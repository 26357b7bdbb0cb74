import { splitStatus } from "./enhanced-status.ts";
import type { Restriction } from "./restriction.ts";
import { restrictionText } from "./restriction-text.ts";

/** What smtpd would do with an access(5) result of a sender. */
export type AccessResult =
  /** Lets pass: nothing later in the same list is asked. */
  | { readonly kind: "permit" }
  /** Says nothing: the next in the list is asked. */
  | { readonly kind: "dunno" }
  /** The same, and somebody may want to know. */
  | { readonly kind: "note"; readonly action: NotedAction; readonly text: string }
  | {
      readonly kind: "refuse";
      readonly action: string;
      readonly restriction: Restriction;
    }
  /** Refuses where nothing later in the list does (DEFER_IF_PERMIT), or makes what a later one refuses temporary (DEFER_IF_REJECT). */
  | {
      readonly kind: "defer-if-permit" | "defer-if-reject";
      readonly action: string;
      readonly restriction: Restriction;
    }
  /** No result for a web site, or none at all: nobody is let in. `action` is its first word. */
  | { readonly kind: "misconfigured"; readonly action: string; readonly restriction: Restriction };

/** What smtpd logs, or does with the mail only. */
export type NotedAction = "WARN" | "INFO" | "HOLD" | "PREPEND" | "REDIRECT" | "BCC" | "FILTER";

/** What smtpd says then. */
export const MISCONFIGURED: Restriction = Object.freeze({
  kind: "defer",
  code: 451,
  enhancedStatus: "4.3.5",
  text: "Server configuration error",
});

/** smtpd's access_map_reject_code and access_map_defer_code, where nobody sets them. */
const REJECT_CODE = 554;
const DEFER_CODE = 450;

const NOTED: ReadonlySet<string> = new Set<NotedAction>([
  "WARN",
  "INFO",
  "HOLD",
  "PREPEND",
  "REDIRECT",
  "BCC",
  "FILTER",
]);

/**
 * Reads what a table says of a sender, its values joined by commas: access(5), as Postfix' check_sender_access takes it. Where it differs, it refuses:
 *
 * - `DISCARD` drops mail in silence, which nobody could tell from success: misconfigured
 * - of lists of restrictions only those that begin with `permit` or `reject` can be judged here, the others are about an SMTP client: misconfigured
 * - an empty text is misconfigured
 */
export function readAccessResult(value: string): AccessResult {
  const word = /^[^ \t]*/.exec(value)?.[0] ?? "";
  const text = value.slice(word.length).replace(/^[ \t\r\n\v\f]+/, "");
  // Of ASCII letters only: others have upper-case forms among them.
  const action = /^[a-z_]+$/i.test(word) ? word.toUpperCase() : word;
  if (action === "DUNNO") return { kind: "dunno" };
  if (action === "OK") return { kind: "permit" };
  if (action === "REJECT") return refusal(action, REJECT_CODE, text);
  if (action === "DEFER") return refusal(action, DEFER_CODE, text);
  if (action === "DEFER_IF_PERMIT") return deferral("defer-if-permit", action, text);
  if (action === "DEFER_IF_REJECT") return deferral("defer-if-reject", action, text);
  if (isNoted(action)) return { kind: "note", action, text: restrictionText(text) };
  if (action === "DISCARD") return misconfigured(word);
  if (/^[0-9]+$/.test(value)) return { kind: "permit" };
  if (/^[45][0-9][0-9]$/.test(word) && text !== "") return refusal(word, Number(word), text);
  return readRestrictionList(value);
}

/** Restrictions by their names, as in main.cf: the first one decides, if it always does. */
function readRestrictionList(value: string): AccessResult {
  const [first = ""] = value.split(/[, \t\r\n]+/).filter((each) => each !== "");
  // A colon is taken for a look-up table, wherever it stands.
  if (!value.includes(":")) {
    if (/^permit$/i.test(first)) return { kind: "permit" };
    if (/^reject$/i.test(first)) return refusal("REJECT", REJECT_CODE, "");
  }
  return misconfigured(first);
}

function isNoted(action: string): action is NotedAction {
  return NOTED.has(action);
}

function refusal(action: string, code: number, text: string): AccessResult {
  return { kind: "refuse", action, restriction: restriction(code, text, "Access denied") };
}

function deferral(
  kind: "defer-if-permit" | "defer-if-reject",
  action: string,
  text: string,
): AccessResult {
  return { kind, action, restriction: restriction(DEFER_CODE, text, "Service unavailable") };
}

function restriction(code: number, said: string, otherwise: string): Restriction {
  const { enhancedStatus, text } = splitStatus(said, code);
  const kind = code < 500 ? "defer" : "reject";
  return { kind, code, enhancedStatus, text: restrictionText(text) || otherwise };
}

function misconfigured(word: string): AccessResult {
  const action = restrictionText(word.slice(0, LONGEST_WORD));
  return { kind: "misconfigured", action, restriction: MISCONFIGURED };
}

/** It goes into records. */
const LONGEST_WORD = 40;
