import { readFileSync, statSync } from "node:fs";
import { ConfigError } from "../../errors.ts";
import { checkKeys } from "../../options/check.ts";
import type { TableSettings } from "../../tables/table-settings.ts";
import type { Assignments } from "./assignment.ts";
import { assignmentsOf } from "./assignments-of.ts";
import { readAssignments } from "./read-assignments.ts";
import type { TableParameters } from "./table-parameters.ts";
import { tableSettings } from "./table-settings-of.ts";

/** A Postfix LDAP table: its .cf file, the text of one (`name` is how messages call it), or its parameters. */
export type TableSource =
  | { readonly file: string }
  | { readonly text: string; readonly name?: string }
  | TableParameters;

const UNNAMED = "ldap table";

/**
 * Reads a table as Postfix does when it opens it. In a file unknown names are ignored, in an object they are an error. Throws a `ConfigError` that names
 * file, line and parameter for what is fatal to Postfix, and for what can't be carried; never with a password in it.
 */
export function readTable(source: TableSource): TableSettings {
  if (typeof source !== "object" || source === null) {
    throw new ConfigError("A table is { file }, { text }, or an object of parameters.", {
      option: "table",
    });
  }
  return tableSettings(assignmentsIn(source));
}

function assignmentsIn(source: TableSource): Assignments {
  if ("file" in source) {
    checkKeys(source, ["file"]);
    return assignmentsInFile(source.file);
  }
  if ("text" in source) {
    checkKeys(source, ["text", "name"]);
    const { text, name = UNNAMED } = source;
    if (typeof text !== "string" || typeof name !== "string") {
      throw new ConfigError("text and name of a table must be strings.", { option: "text" });
    }
    return readAssignments(text, name);
  }
  return assignmentsOf(source, UNNAMED);
}

function assignmentsInFile(file: string): Assignments {
  if (typeof file !== "string" || file === "") {
    throw new ConfigError("file must be the path of a .cf file.", { option: "file" });
  }
  let bytes: Buffer;
  let mode: number;
  try {
    bytes = readFileSync(file);
    ({ mode } = statSync(file));
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? ` (${cause.code})` : "";
    throw new ConfigError(`file: can't read ${file}${code}.`, { option: "file", cause });
  }
  const { warnings, ...read } = readAssignments(textOf(bytes, file), file);
  const othersRead = (mode & 0o044) !== 0 && (read.values.get("bind_pw")?.value ?? "") !== "";
  const warning = `${file}: it holds bind_pw, and its group or everybody may read it`;
  return { ...read, warnings: othersRead ? [...warnings, warning] : warnings };
}

/** A wrong decoding could change a password. The byte order mark stays, as in Postfix. */
function textOf(bytes: Buffer, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new ConfigError(`${file}: it must be UTF-8 text.`, { option: "file", cause });
  }
}
