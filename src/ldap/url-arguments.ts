import { ConfigError } from "../errors.ts";
import type { AuthLdapUrl } from "./auth-ldap-url.ts";
import { LONGEST_TEXT } from "./longest-text.ts";
import { syntaxError } from "./syntax-error.ts";
import { hideSecrets } from "./url-reader.ts";

type ConnectionMode = NonNullable<AuthLdapUrl["connectionMode"]>;

const MODES: ReadonlyMap<string, ConnectionMode> = new Map([
  ["none", "none"],
  ["ssl", "ssl"],
  ["tls", "starttls"],
  ["starttls", "starttls"],
]);

/** The one or two arguments of an AuthLDAPURL. */
export interface UrlArguments {
  readonly url: string;
  readonly connectionMode?: ConnectionMode;
}

/**
 * Takes the URL and the connection mode apart. Quoted as in httpd.conf, they are what the quotes say. Without quotes the
 * whole text is the URL, spaces and all, but for a last word that is a mode.
 */
export function splitArguments(text: string): UrlArguments {
  if (typeof text !== "string") {
    throw new ConfigError("url must be text: an AuthLDAPURL such as ldap://host/base?uid.", {
      option: "url",
    });
  }
  if (text.length > LONGEST_TEXT) {
    throw new ConfigError(`url has at most ${LONGEST_TEXT} characters.`, { option: "url" });
  }
  const line = text.replace(/^[ \t\r\n]+/, "");
  const { url, mode, modeAt } = /^["']/.test(line) ? quoted(line) : unquoted(line);
  if (url === "") {
    throw wrong(
      "AuthLDAPURL takes 1-2 arguments; the URL, ldap://host/base?uid, is missing.",
      line,
      0,
    );
  }
  if (mode === "") return { url };
  const connectionMode = MODES.get(mode.toLowerCase());
  if (connectionMode === undefined) {
    const problem =
      "Invalid LDAP connection mode setting: must be one of NONE, SSL, or TLS/STARTTLS";
    throw wrong(problem, line, modeAt);
  }
  return { url, connectionMode };
}

interface Split {
  readonly url: string;
  readonly mode: string;
  readonly modeAt: number;
}

function quoted(line: string): Split {
  const first = readQuoted(line, 0);
  const gap = /[ \t\r\n]*/y;
  gap.lastIndex = first.end;
  const modeAt = first.end + (gap.exec(line)?.[0].length ?? 0);
  if (modeAt === first.end && modeAt < line.length) {
    throw wrong("There must be a space after the closing quote.", line, modeAt);
  }
  if (!/["']/.test(line[modeAt] ?? "")) {
    return { url: first.text, mode: withoutTrailingSpace(line.slice(modeAt)), modeAt };
  }
  const second = readQuoted(line, modeAt);
  if (withoutTrailingSpace(line.slice(second.end)) !== "") {
    throw wrong("AuthLDAPURL takes 1-2 arguments.", line, second.end);
  }
  return { url: first.text, mode: second.text, modeAt };
}

/** A quoted word as httpd.conf has them: a backslash stands before the quote and before itself. */
function readQuoted(line: string, at: number): { readonly text: string; readonly end: number } {
  const quote = line[at];
  const text: string[] = [];
  for (let end = at + 1; end < line.length; end++) {
    if (line[end] === quote) return { text: text.join(""), end: end + 1 };
    const next = line[end + 1];
    if (line[end] === "\\" && (next === "\\" || next === quote)) end++;
    text.push(line[end] ?? "");
  }
  throw wrong("The closing quote is missing.", line, at);
}

function unquoted(line: string): Split {
  const text = withoutTrailingSpace(line);
  const modeAt = text.search(/(?<=[ \t\r\n])(?:none|ssl|tls|starttls)$/i);
  if (modeAt < 0) return { url: text, mode: "", modeAt: text.length };
  return { url: withoutTrailingSpace(text.slice(0, modeAt)), mode: text.slice(modeAt), modeAt };
}

/** Not a pattern: `\s+$` costs the square of a long run of spaces. */
function withoutTrailingSpace(text: string): string {
  let end = text.length;
  while (end > 0 && " \t\r\n".includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

function wrong(problem: string, line: string, at: number): ConfigError {
  return syntaxError(problem, hideSecrets(line), at, "url");
}
