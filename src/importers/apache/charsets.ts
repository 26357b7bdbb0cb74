import { readFileSync } from "node:fs";
import type { Access } from "./access.ts";
import { configErrorAt } from "./config-error-at.ts";
import type { Directive } from "./directive.ts";
import { wordsOf } from "./directive-table.ts";

/** The file of AuthLDAPCharsetConfig: lines of a language and its charset. Read at start. */
export function readCharsets(directive: Directive | undefined): Access["charsets"] {
  if (directive === undefined) return [];
  const [file = ""] = wordsOf(directive);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw configErrorAt(directive, "could not open charset conversion config file", cause);
  }
  return text.split(/\r?\n/).flatMap((line, index) => {
    const [language = "", charset = ""] = line.trim().split(/\s+/);
    if (language === "" || language.startsWith("#")) return [];
    if (isKnown(charset)) return [[language, charset] as const];
    // The line itself is not shown: the file could be any other one.
    throw configErrorAt(
      directive,
      `line ${index + 1} of the file names no charset that is known here`,
    );
  });
}

function isKnown(charset: string): boolean {
  try {
    return new TextDecoder(charset).encoding !== "";
  } catch {
    return false;
  }
}
