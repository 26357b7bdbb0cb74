/**
 * The path of a request line as sections are matched with it: decoded, slashes merged. `"refuse"` for what a client has no need to
 * send, or what this and the app's router might not read alike: an encoded slash, dot segments, backslashes, control
 * characters, broken escapes, text that is not UTF-8.
 */
export function normalizePath(originalUrl: string): string | "refuse" {
  const raw = rawPath(originalUrl);
  if (!raw.startsWith("/") || raw.length > LONGEST || /%2f|%5c|%(?![0-9a-f]{2})|[\\#]/i.test(raw))
    return "refuse";
  let decoded: string;
  try {
    decoded = decodeURIComponent(raw);
  } catch {
    return "refuse";
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused.
  if (/[\x00-\x1f\x7f\ufffe\uffff]/.test(decoded)) return "refuse";
  const path = decoded.replace(/\/{2,}/g, "/");
  return /\/\.{1,2}(?:\/|$)/.test(path) ? "refuse" : path;
}

/** The path as it was sent, without host and query. */
export function rawPath(originalUrl: string): string {
  const target = originalUrl.replace(/^https?:\/\/[A-Za-z0-9.:[\]-]+(?=[/?]|$)/i, "");
  const isRelative = target !== originalUrl && (target === "" || target.startsWith("?"));
  return (isRelative ? `/${target}` : target).split("?", 1)[0] ?? "";
}

/** As long as httpd lets a request line be. */
const LONGEST = 8190;
