import { decodePercents } from "../expressions/url-escapes.ts";

/**
 * httpd's REQUEST_URI: the path that was asked for, decoded, without the query, with one slash for several, and without dot
 * segments. What httpd would not serve, `%2F`, `%00` and broken escapes, stays as it is.
 */
export function requestUri(originalUrl: string): string {
  const [target = ""] = originalUrl.split(/[?#]/, 1);
  // A request may name the whole URL: RFC 9112 section 3.2.2.
  const path = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, "");
  if (!path.startsWith("/")) return path === "" ? "/" : path;

  const segments: string[] = [];
  const parts = decodePercents(path).split("/").slice(1);
  for (const part of parts) {
    if (part === "..") segments.pop();
    else if (part !== "." && part !== "") segments.push(part);
  }
  const isFolder = /^(?:\.{1,2})?$/.test(parts.at(-1) ?? "");
  return `/${segments.join("/")}${isFolder && segments.length > 0 ? "/" : ""}`;
}
