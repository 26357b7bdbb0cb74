import { CannotTell } from "../expressions/cannot-tell.ts";
import { decodePercents } from "../expressions/url-escapes.ts";

/**
 * httpd's REQUEST_URI: the path that was asked for, decoded, without the query, with one slash for several, and without dot
 * segments. Throws a `CannotTell` for what httpd would not serve, and what something behind may take for another path: `%2F`, a
 * backslash, control characters, broken escapes.
 */
export function requestUri(originalUrl: string): string {
  const [target = ""] = originalUrl.split(/[?#]/, 1);
  // A request may name the whole URL: RFC 9112 section 3.2.2.
  const path = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, "");
  if (!path.startsWith("/")) return path === "" ? "/" : path;

  if (AMBIGUOUS.test(path)) throw new CannotTell("the path can be read in several ways");

  const segments: string[] = [];
  const parts = decodePercents(path).split("/").slice(1);
  for (const part of parts) {
    if (part === "..") segments.pop();
    else if (part !== "." && part !== "") segments.push(part);
  }
  const isFolder = /^(?:\.{1,2})?$/.test(parts.at(-1) ?? "");
  return `/${segments.join("/")}${isFolder && segments.length > 0 ? "/" : ""}`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused.
const AMBIGUOUS = /%2f|%5c|%[01][0-9a-f]|%7f|%(?![0-9a-f]{2})|[\\\x00-\x1f\x7f]/i;
