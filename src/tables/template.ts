import type { Template, TemplatePart } from "./table-settings.ts";

/** Puts the parts of an address into query_filter, so that they stay values. Undefined where the key lacks one of them: then nothing is searched. */
export function expandFilter(template: Template, key: string): string | undefined {
  return expand(template, key, key, quoteForFilter);
}

/** The same for search_base. */
export function expandBase(template: Template, key: string): string | undefined {
  return expand(template, key, key, quoteForDn);
}

/** What result_format makes of a value. Undefined for a value that is empty or lacks a part: it is skipped. */
export function expandResult(template: Template, key: string, value: string): string | undefined {
  return expand(template, key, value, (text) => text);
}

/** Whether the key has all that result_format takes from it. If not, Postfix does not even search. */
export function hasPartsFor(resultFormat: Template, key: string): boolean {
  return resultFormat.every(
    (part) => !isOfKey(part) || fill(part, splitAddress(key)) !== undefined,
  );
}

/** Whether it is the same text for every key. */
export function isFixed(template: Template): boolean {
  return template.every(({ kind }) => kind === "text");
}

function expand(
  template: Template,
  key: string,
  value: string,
  quote: (text: string) => string,
): string | undefined {
  if (value === "") return undefined;
  const ofKey = splitAddress(key);
  const ofValue = value === key ? ofKey : splitAddress(value);

  let text = "";
  for (const part of template) {
    if (part.kind === "text") {
      text += part.text;
      continue;
    }
    const filled = fill(part, isOfKey(part) ? ofKey : ofValue);
    if (filled === undefined) return undefined;
    text += quote(filled);
  }
  return text;
}

function isOfKey(part: TemplatePart): boolean {
  return part.kind === "label" || (part.kind !== "text" && part.ofKey);
}

interface Address {
  readonly whole: string;
  readonly local: string;
  /** Undefined without an `@`. */
  readonly domain: string | undefined;
}

/** Local parts may hold an `@`, domains not. */
function splitAddress(whole: string): Address {
  const at = whole.lastIndexOf("@");
  if (at < 0) return { whole, local: whole, domain: undefined };
  return { whole, local: whole.slice(0, at), domain: whole.slice(at + 1) };
}

function fill(part: TemplatePart, { whole, local, domain }: Address): string | undefined {
  switch (part.kind) {
    case "text":
      return part.text;
    case "whole":
      return whole;
    case "local":
      return local || undefined;
    case "domain":
      return domain || undefined;
    case "label":
      // Empty labels vanish: `x@example..org` has two.
      return domain?.split(".").filter(Boolean).at(-part.number);
  }
}

/** RFC 4515 section 3. */
function quoteForFilter(text: string): string {
  return text.replace(/[*()\\\0]/g, quoteCharacter);
}

/** RFC 4514 section 2.4, wherever the characters stand. */
function quoteForDn(text: string): string {
  return text.replace(/[ \t"#+,;<>\\\0]/g, quoteCharacter);
}

function quoteCharacter(character: string): string {
  return `\\${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}
