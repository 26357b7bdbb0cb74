import { normalizeDn } from "../ldap/dn.ts";

/**
 * How values of an attribute are compared (RFC 4517 section 4.2), by what it comes to: letter case and runs of spaces
 * ignored, only spaces, nothing, as DNs, as numbers, … `none` = the attribute can't be compared.
 */
export type MatchingRule =
  | "case-ignore"
  | "case-exact"
  | "octets"
  | "dn"
  | "integer"
  | "telephone"
  | "time"
  | "object-identifier"
  | "none";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decode(value: Buffer): string | undefined {
  try {
    return utf8.decode(value);
  } catch {
    return undefined;
  }
}

/** Lower case letter by letter as slapd does it: Σ is always σ, and İ is i. */
function foldCase(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text.toLowerCase();
  const folded: string[] = [];
  for (const character of text.normalize("NFKC")) {
    const [lower = ""] = character.toLowerCase();
    folded.push(lower);
  }
  return folded.join("").normalize("NFKC");
}

function prepare(rule: "case-ignore" | "case-exact", text: string): string {
  const folded = rule === "case-ignore" ? foldCase(text) : text.normalize("NFKC");
  return folded.replaceAll(/ +/g, " ");
}

/** One key for all values that the rule holds to be equal; undefined if this is no value of that syntax. */
export function matchingKey(rule: MatchingRule, value: Buffer): string | undefined {
  if (rule === "none") return undefined;
  if (rule === "octets") return value.toString("latin1");
  const text = decode(value);
  if (text === undefined) return undefined;
  switch (rule) {
    case "case-ignore":
    case "case-exact": {
      const prepared = prepare(rule, text);
      return prepared === " " ? prepared : prepared.replaceAll(/^ | $/g, "");
    }
    case "dn":
      return normalizeDn(text);
    case "integer":
      return /^(0|-?[1-9][0-9]*)$/.test(text) ? text : undefined;
    case "telephone":
      return foldCase(text).replaceAll(/[ -]/g, "");
    case "time":
      return /^[0-9]{10,14}([.,][0-9]+)?(Z|[+-][0-9]{2,4})$/i.test(text)
        ? text.toUpperCase().replace(/[.,]0+Z$/, "Z")
        : undefined;
    case "object-identifier":
      return text.trim().toLowerCase();
  }
}

/** Orders two keys of the rule: negative, 0 or positive. */
export function compareKeys(rule: MatchingRule, a: string, b: string): number {
  if (rule === "integer") {
    const difference = BigInt(a) - BigInt(b);
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The substring assertion's parts, prepared for `matchingKey`'s keys; undefined if the rule knows no substrings. */
export function substringKeys(
  rule: MatchingRule,
  parts: { readonly initial?: Buffer; readonly any: readonly Buffer[]; readonly final?: Buffer },
): { initial: string; any: readonly string[]; final: string } | undefined {
  const initial = substringKey(rule, parts.initial)?.replace(/^ /, "");
  const any = parts.any.map((part) => substringKey(rule, part));
  const final = substringKey(rule, parts.final)?.replace(/ $/, "");
  if (initial === undefined || final === undefined) return undefined;
  const known = any.filter((part) => part !== undefined);
  return known.length === any.length ? { initial, any: known, final } : undefined;
}

function substringKey(rule: MatchingRule, part: Buffer | undefined): string | undefined {
  const text = part === undefined ? "" : decode(part);
  if (text === undefined) return undefined;
  if (rule === "case-ignore" || rule === "case-exact") return prepare(rule, text);
  return rule === "telephone" ? foldCase(text).replaceAll(/[ -]/g, "") : undefined;
}

/** Whether a key begins, goes on and ends as the assertion says, without overlaps. */
export function hasSubstrings(
  key: string,
  { initial, any, final }: { initial: string; any: readonly string[]; final: string },
): boolean {
  if (!key.startsWith(initial)) return false;
  let position = initial.length;
  for (const part of any) {
    const found = key.indexOf(part, position);
    if (found < 0) return false;
    position = found + part.length;
  }
  return key.length - final.length >= position && key.endsWith(final);
}
