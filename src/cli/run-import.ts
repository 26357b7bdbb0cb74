import { readFileSync } from "node:fs";
import { ConfigError } from "../errors.ts";
import { readApacheConfig } from "../importers/apache/read-apache-config.ts";
import { reportOn } from "../importers/apache/report.ts";
import { apacheToTypeScript } from "../importers/apache/to-typescript.ts";
import { printable } from "./printable.ts";
import type { ImportRequest } from "./read-arguments.ts";

/** What a run has come to. */
export interface ImportResult {
  /** The exit status. */
  readonly status: 0 | 1 | 2;
  /** For standard output: the code. */
  readonly output: string;
  /** For standard error. */
  readonly report: string;
}

/** Reads the file and writes the code. Never throws for what is in the file. */
export function runImport({ file, serverRoot, checkOnly }: ImportRequest): ImportResult {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? ` (${error.code})` : "";
    return { status: 2, output: "", report: `authnz-ldap: can't read ${printable(file)}${code}\n` };
  }
  const options = { file, ...(serverRoot === undefined ? {} : { serverRoot }) };
  let report = "";
  try {
    if (checkOnly) readApacheConfig(text, options);
    report = `${reportOn(text, options).map(printable).join("\n")}\n`;
    const output = checkOnly ? "" : apacheToTypeScript(text, options);
    return { status: 0, output, report };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { status: 1, output: "", report: `${report}authnz-ldap: ${printable(error.message)}\n` };
  }
}
