import { createHash } from "node:crypto";
import { checkDepth, type ExpressionReader } from "./expression-reader.ts";
import { escapeUrl, unescapeUrl } from "./url-escapes.ts";
import type { Variables } from "./variables.ts";
import type { Word } from "./word.ts";

/** Functions of their text alone. */
const OF_TEXT: ReadonlyMap<string, (text: string) => string> = new Map([
  ["tolower", (text) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())],
  ["toupper", (text) => text.replace(/[a-z]+/g, (letters) => letters.toUpperCase())],
  ["escape", escapeUrl],
  ["unescape", unescapeUrl],
  ["base64", (text) => Buffer.from(text).toString("base64")],
  ["unbase64", unbase64],
  ["md5", (text) => createHash("md5").update(text).digest("hex")],
  ["sha1", (text) => createHash("sha1").update(text).digest("hex")],
  ["ldap", escapeLdap],
]);

/** Functions that look something up. */
const OF_REQUEST: ReadonlyMap<string, (name: string, variables: Variables) => string | undefined> =
  new Map([
    ["http", header],
    ["req", header],
    ["req_novary", header],
    ["reqenv", (name, variables) => variables.env(name)],
    // httpd would go on to its own environment.
    ["env", (name, variables) => variables.env(name)],
  ]);

const REFUSED: ReadonlyMap<string, string> = new Map([
  ["resp", "there is no response yet when access is decided"],
  ["note", "there are no notes of modules here"],
  ["osenv", "the environment of this process may hold secrets"],
  ["file", "files are not read"],
  ["filesize", "files are not read"],
  ["ssl", "mod_ssl's variables are not known here"],
]);

function header(name: string, variables: Variables): string | undefined {
  return variables.header(name);
}

/** The call of a function. Throws a `ConfigError` for one that does not exist or can't be honoured. */
export function functionWord(
  reader: ExpressionReader,
  name: string,
  argument: Word,
  start: number,
): Word {
  const key = name.toLowerCase();
  const depth = argument.depth + 1;
  checkDepth(reader, depth);
  const ofText = OF_TEXT.get(key);
  if (ofText !== undefined) {
    const { constant } = argument;
    const result = constant === undefined ? undefined : ofText(constant);
    if (result?.includes("\uFFFD") && !constant?.includes("\uFFFD")) {
      throw reader.wrong("Bytes that are not UTF-8 can't be honoured", start);
    }
    return {
      constant: result,
      depth,
      isEscaped: key === "ldap" && result === undefined,
      evaluate: (evaluation) => result ?? ofText(argument.evaluate(evaluation)),
    };
  }
  const ofRequest = OF_REQUEST.get(key);
  if (ofRequest !== undefined) {
    return {
      constant: undefined,
      depth,
      evaluate: (evaluation) =>
        ofRequest(argument.evaluate(evaluation), evaluation.variables) ?? "",
    };
  }
  const why = REFUSED.get(key);
  if (why !== undefined) throw reader.wrong(`Function '${name}' can't be honoured: ${why}`, start);
  throw reader.wrong(`Function '${name}' does not exist`, start);
}

/** As httpd: what follows the first character outside the alphabet does not count, nor what follows a NUL. */
function unbase64(text: string): string {
  const encoded = /^[A-Za-z0-9+/]*/.exec(text)?.[0] ?? "";
  const bytes = Buffer.from(encoded, "base64");
  const end = bytes.indexOf(0);
  return bytes.toString("utf8", 0, end < 0 ? bytes.length : end);
}

/** APR's escaping for filters (RFC 4515) and DNs (RFC 4514) at once: a DN takes `\2c` as well. */
function escapeLdap(text: string): string {
  return text.replace(/["()*+,;<>\\\p{Cc}\x7f-\u{10ffff}]/gu, (character) =>
    Array.from(Buffer.from(character), (byte) => `\\${byte.toString(16).padStart(2, "0")}`).join(
      "",
    ),
  );
}
