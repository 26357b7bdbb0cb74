/** One thing worth an operator's attention. Holds no password, session id or cookie. */
export interface LogRecord {
  readonly level: "info" | "warn" | "error";
  /** A stable name: `"login-refused"`, `"directory-unreachable"`. */
  readonly event: string;
  readonly message: string;
  /** What it is about: user name as typed, DN, server, reason. */
  readonly details?: Readonly<Record<string, string | number | boolean>>;
}

/** Where records go. Must not throw. */
export type Log = (record: LogRecord) => void;

/**
 * What JSON leaves as it is, and a terminal or a reader of lines does not: DEL and the C1 controls (U+009B begins an escape sequence), line and
 * paragraph separators, what turns the direction of writing, and a byte order mark.
 */
const NOT_FOR_LINES = /[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** The default: warnings and errors, one JSON object per line, on standard error. No text in it ends the line or moves a cursor. */
export function logToStandardError(record: LogRecord): void {
  if (record.level === "info") return;
  const json = JSON.stringify({ time: new Date().toISOString(), ...record });
  process.stderr.write(`${json.replace(NOT_FOR_LINES, escapeUnit)}\n`);
}

/** As JSON writes it: the value stays the same. */
function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
