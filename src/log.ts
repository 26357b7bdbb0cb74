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

/** The default: warnings and errors, one JSON object per line, on standard error. JSON keeps CR, LF and ANSI escapes in one line. */
export function logToStandardError(record: LogRecord): void {
  if (record.level === "info") return;
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), ...record })}\n`);
}
