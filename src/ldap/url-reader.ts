import type { ConfigError } from "../errors.ts";
import { percentDecode } from "./percent-decode.ts";
import { syntaxError } from "./syntax-error.ts";

/** A piece of the URL and where it stands there. */
export interface UrlPart {
  readonly text: string;
  readonly at: number;
}

/** The URL of an AuthLDAPURL without quotes and mode, and how to speak of a place in it. */
export interface UrlReader {
  readonly text: string;
  /** The error about the place; what may be a secret is hidden in it. */
  wrong(problem: string, at: number): ConfigError;
  /** The part's text without percent-escapes. Throws a `ConfigError`. */
  decode(part: UrlPart): string;
}

export function readUrl(text: string): UrlReader {
  const wrong = (problem: string, at: number) => syntaxError(problem, hideSecrets(text), at, "url");
  return {
    text,
    wrong,
    decode(part) {
      const decoded = percentDecode(part.text);
      if ("wrongAt" in decoded) {
        const problem =
          'A "%" must be followed by two hex digits, and together they must be UTF-8. ' +
          "Write %25 for the percent sign itself.";
        throw wrong(problem, part.at + decoded.wrongAt);
      }
      return decoded.text;
    },
  };
}

/** Splits at each separator; the parts keep their places. */
export function splitPart(part: UrlPart, separator: RegExp): readonly UrlPart[] {
  const parts: UrlPart[] = [];
  let start = 0;
  for (const found of part.text.matchAll(separator)) {
    parts.push({ text: part.text.slice(start, found.index), at: part.at + start });
    start = found.index + found[0].length;
  }
  parts.push({ text: part.text.slice(start), at: part.at + start });
  return parts;
}

const AT = /@|%40/gi;

/**
 * Puts stars over `user:password@` and over the values of extensions (`bindpw=…`): a URL with these is refused, and the
 * error goes into logs. As many stars as characters, so that places stay.
 */
export function hideSecrets(text: string): string {
  const start = /^[\s"'<]*(?:url:)?(?:[a-z]+:)?\/*/i.exec(text)?.[0].length ?? 0;
  const [, host = "", path = ""] = /^([^/]*)(\/[^/?=]*)?/.exec(text.slice(start)) ?? [];
  // A password may hold a slash: what stands where the port should is no number then, or an @ comes before any base.
  const hasPort = !/:(?![0-9]{1,6}(?:[\s,]|$))(?![^[]{0,60}\])/.test(host);
  const isHost = hasPort && host.search(AT) < 0 && path.search(AT) < 0;
  const end = isHost ? start : Math.max(start, [...text.matchAll(AT)].at(-1)?.index ?? 0);
  const shown = text.slice(0, start) + "*".repeat(end - start) + text.slice(end);

  const extensions = /^(?:[^?]*\?){4}/.exec(shown)?.[0].length ?? shown.length;
  const hidden = shown.slice(extensions).replace(/=[^,]*/g, (value) => value.replace(/[^=]/g, "*"));
  return shown.slice(0, extensions) + hidden;
}
