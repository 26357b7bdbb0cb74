import type { Template, TemplatePart } from "../../tables/table-settings.ts";

/** Reads the %-expansions of ldap_table(5). Undefined for one that does not exist, and for a `%` at the end. */
export function parseTemplate(text: string): Template | undefined {
  const parts: TemplatePart[] = [];
  let plain = "";
  for (const [piece] of text.matchAll(/%.?|[^%]+/gs)) {
    if (!piece.startsWith("%") || piece === "%%") {
      plain += piece === "%%" ? "%" : piece;
      continue;
    }
    const part = expansionOf(piece.slice(1));
    if (part === undefined) return undefined;
    if (plain !== "") parts.push({ kind: "text", text: plain });
    plain = "";
    parts.push(part);
  }
  if (plain !== "") parts.push({ kind: "text", text: plain });
  return parts;
}

const KINDS = { s: "whole", u: "local", d: "domain" } as const;

function expansionOf(letter: string): TemplatePart | undefined {
  if (/^[1-9]$/.test(letter)) return { kind: "label", number: Number(letter) };
  const lower = letter.toLowerCase();
  if (lower !== "s" && lower !== "u" && lower !== "d") return undefined;
  return { kind: KINDS[lower], ofKey: letter !== lower };
}
