import { isUtf8 } from "node:buffer";
import type { Request } from "express";
import type { Credentials } from "../authentication/credentials.ts";

/** RFC 7235 section 2.1: a scheme, spaces, then standard base64 with or without its padding. */
const BASIC = /^basic +(?<encoded>[A-Za-z0-9+/]*)(?<padding>={0,2}) *$/i;

/**
 * The credentials of an `Authorization: Basic` header (RFC 7617, UTF-8). Undefined where there is none, or another
 * scheme; `"unusable"` where it can't be read, which is a wrong password and not an error. Stricter than httpd, which
 * ignores all that follows the first wrong character and ends the text at a NUL.
 */
export function readBasic(req: Request): Credentials | "unusable" | undefined {
  const { authorization } = req.headers;
  if (authorization === undefined) return undefined;
  // Node keeps the first of several and drops the others; a proxy in front may have looked at another one.
  if (isRepeated(req, "authorization")) return "unusable";
  if (!/^basic(?![^\s])/i.test(authorization)) return undefined;

  const { encoded, padding } = BASIC.exec(authorization)?.groups ?? {};
  const text = encoded === undefined ? undefined : decode(encoded, padding ?? "");
  const colon = text?.indexOf(":") ?? -1;
  // RFC 7617 section 2: neither part may hold control characters.
  if (text === undefined || colon < 0 || /\p{Cc}/u.test(text)) return "unusable";
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** `headersDistinct` would tell too, but sorts all headers for it. */
function isRepeated({ rawHeaders }: Request, name: string): boolean {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const header = rawHeaders[index];
    if (header?.length === name.length && header.toLowerCase() === name) count += 1;
  }
  return count > 1;
}

function decode(encoded: string, padding: string): string | undefined {
  if (padding !== "" && (encoded.length + padding.length) % 4 !== 0) return undefined;
  const bytes = Buffer.from(encoded, "base64");
  // Buffer skips what does not fit: only what it would write itself is base64.
  if (!bytes.toString("base64").startsWith(encoded)) return undefined;
  return isUtf8(bytes) ? bytes.toString("utf8") : undefined;
}
