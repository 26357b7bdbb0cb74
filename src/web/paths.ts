import type { Request } from "express";

const LONGEST = 2_000;
/** Only there to resolve against: what ends up with another origin is not a path of this site. */
const HERE = "http://site.invalid";

/**
 * A path of this very site that is safe to redirect to, normalised, or undefined. Browsers take `//host`, `/\host`, and
 * both with tabs and line feeds in between, for another site; so does whoever decodes once more than expected.
 */
export function sitePath(text: unknown): string | undefined {
  if (typeof text !== "string" || text.length > LONGEST || !text.startsWith("/")) return undefined;
  if (/\s/.test(text) || isMisleading(text) || !URL.canParse(text, HERE)) return undefined;
  const { origin, pathname, search } = new URL(text, HERE);
  if (origin !== HERE) return undefined;
  for (let path = pathname, round = 0; round < 4; round++) {
    if (isMisleading(path)) return undefined;
    const decoded = decodeLeniently(path);
    if (decoded === path) break;
    path = decoded;
  }
  return pathname + search;
}

function isMisleading(path: string): boolean {
  return /^\/{2}|[\\\p{Cc}]/u.test(path);
}

function decodeLeniently(path: string): string {
  return path.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** Where the middleware is mounted. A mount with a parameter holds what the visitor sent: nothing misleading passes. */
export function mountPath(req: Request): string {
  return sitePath(req.baseUrl)?.replace(/\/+$/, "") ?? "";
}

/** The same, worked out once for each place: mostly there is only one. */
export function prepareMountPath(): (req: Request) => string {
  let known = { baseUrl: "", path: "" };
  return (req) => {
    const { baseUrl } = req;
    if (baseUrl !== known.baseUrl) known = { baseUrl, path: mountPath(req) };
    return known.path;
  };
}

/** Do two paths lead to the same page for Express, which ignores letter case and a slash at the end? */
export function isSamePage(path: string, other: string): boolean {
  const page = (text: string) =>
    decodeLeniently(text.replace(/[?#].*$/s, ""))
      .toLowerCase()
      .replace(/\/+$/, "");
  return page(path) === page(other);
}
