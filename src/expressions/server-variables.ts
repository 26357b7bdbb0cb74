import type { ExpressionReader } from "./expression-reader.ts";
import type { Variables } from "./variables.ts";
import type { Word } from "./word.ts";

/** What the request knows by these names. */
const OF_REQUEST: ReadonlySet<string> = new Set([
  "AUTH_TYPE",
  "CONN_REMOTE_ADDR",
  "HTTP2",
  "HTTPS",
  "IPV6",
  "QUERY_STRING",
  "REMOTE_ADDR",
  "REMOTE_PORT",
  "REMOTE_USER",
  "REQUEST_METHOD",
  "REQUEST_SCHEME",
  "REQUEST_URI",
  "SERVER_NAME",
  "SERVER_PORT",
  "SERVER_PROTOCOL",
  "THE_REQUEST",
]);

const OF_HEADER: ReadonlyMap<string, string> = new Map([
  ["HTTP_ACCEPT", "Accept"],
  ["HTTP_COOKIE", "Cookie"],
  ["HTTP_FORWARDED", "Forwarded"],
  ["HTTP_HOST", "Host"],
  ["HTTP_PROXY_CONNECTION", "Proxy-Connection"],
  ["HTTP_REFERER", "Referer"],
  ["HTTP_USER_AGENT", "User-Agent"],
]);

/** Local time, as in httpd. */
const TIME_PARTS: ReadonlyMap<string, (now: Date) => string> = new Map([
  ["TIME_YEAR", (now) => String(now.getFullYear()).padStart(4, "0")],
  ["TIME_MON", (now) => twoDigits(now.getMonth() + 1)],
  ["TIME_DAY", (now) => twoDigits(now.getDate())],
  ["TIME_HOUR", (now) => twoDigits(now.getHours())],
  ["TIME_MIN", (now) => twoDigits(now.getMinutes())],
  ["TIME_SEC", (now) => twoDigits(now.getSeconds())],
]);

const OF_TIME: ReadonlyMap<string, (now: Date) => string> = new Map([
  ["TIME", (now) => [...TIME_PARTS.values()].map((part) => part(now)).join("")],
  ["TIME_WDAY", (now) => String(now.getDay())],
]);

function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}

const NO_FILES = "a request is for no file here";
const NO_RESPONSE = "there is no response yet when access is decided";

const REFUSED: ReadonlyMap<string, string> = new Map([
  ["API_VERSION", "this is not httpd"],
  ["CONN_LOG_ID", "there are no such ids here"],
  ["CONTENT_TYPE", `it is the response's, and ${NO_RESPONSE}`],
  ["CONTEXT_DOCUMENT_ROOT", NO_FILES],
  ["CONTEXT_PREFIX", NO_FILES],
  ["DOCUMENT_ROOT", NO_FILES],
  ["HANDLER", "httpd's handlers are not known here"],
  ["LAST_MODIFIED", NO_FILES],
  ["PATH_INFO", NO_FILES],
  ["REMOTE_HOST", "it needs the DNS"],
  ["REMOTE_IDENT", "it needs an ident server"],
  ["REQUEST_FILENAME", NO_FILES],
  ["REQUEST_LOG_ID", "there are no such ids here"],
  ["REQUEST_STATUS", NO_RESPONSE],
  ["SCRIPT_FILENAME", NO_FILES],
  ["SCRIPT_GROUP", NO_FILES],
  ["SCRIPT_USER", NO_FILES],
  ["SERVER_ADMIN", "there is no such setting here"],
  ["SERVER_SOFTWARE", "this is not httpd"],
]);

/** `%{NAME}`. Throws a `ConfigError` for one that does not exist or can't be honoured. */
export function variableWord(reader: ExpressionReader, name: string, start: number): Word {
  const key = name.toUpperCase();
  if (key === "REMOTE_USER") reader.mentionsUser = true;
  const value = lookUp(key);
  if (value !== undefined) {
    return {
      constant: undefined,
      depth: 1,
      evaluate: ({ variables }) => value(variables) ?? "",
    };
  }
  const why = REFUSED.get(key);
  if (why !== undefined) throw reader.wrong(`Variable '${name}' can't be honoured: ${why}`, start);
  throw reader.wrong(`Variable '${name}' does not exist`, start);
}

function lookUp(key: string): ((variables: Variables) => string | undefined) | undefined {
  if (OF_REQUEST.has(key)) return (variables) => variables.variable(key);
  const header = OF_HEADER.get(key);
  if (header !== undefined) return (variables) => variables.header(header);
  const time = OF_TIME.get(key) ?? TIME_PARTS.get(key);
  if (time !== undefined) return () => time(new Date());
  if (key === "DOCUMENT_URI") {
    return (variables) => variables.env(key) ?? variables.variable("REQUEST_URI");
  }
  if (key === "IS_SUBREQ") return () => "false";
  return undefined;
}
