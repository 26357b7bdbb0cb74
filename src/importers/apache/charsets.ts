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
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  return lines
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const [language = "", charset = ""] = line.split(/\s+/);
      if (!isKnown(charset))
        throw configErrorAt(directive, `the charset of ${language} is not known here`);
      return [language, charset] as const;
    });
}

function isKnown(charset: string): boolean {
  try {
    return new TextDecoder(charset).encoding !== "";
  } catch {
    return false;
  }
}
