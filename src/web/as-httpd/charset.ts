import { isUtf8 } from "node:buffer";
import type { Request } from "express";

/** Which charset a browser's language stands for, in the order of the file (AuthLDAPCharsetConfig). */
export type Charsets = readonly (readonly [language: string, charset: string])[];

/**
 * The text of a name or password. In UTF-8, unless the configuration knows a charset for the first language that the browser
 * accepts: then it is that, as with AuthLDAPCharsetConfig, also if the bytes happen to be UTF-8. Undefined if it is neither.
 */
export function textOf(bytes: Buffer, req: Request, charsets: Charsets): string | undefined {
  const charset = charsetFor(req, charsets);
  try {
    const decoder = new TextDecoder(charset ?? "utf-8", { fatal: true, ignoreBOM: true });
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The bytes as they were sent: what httpd has as REMOTE_USER. Those that are not UTF-8 are shown as base64. */
export function asSent(bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString("utf8") : bytes.toString("base64");
}

/** `fr-CA` falls back to `fr`. */
function charsetFor(req: Request, charsets: Charsets): string | undefined {
  if (charsets.length === 0) return undefined;
  const [first = ""] = (req.headers["accept-language"] ?? "").split(",");
  const language = (first.split(";")[0] ?? "").trim().toLowerCase();
  const of = (tag: string) => charsets.find(([known]) => known.toLowerCase() === tag)?.[1];
  return of(language) ?? of(language.split("-")[0] ?? "");
}
