import { configErrorAt } from "./config-error-at.ts";
import type { Definitions } from "./definitions.ts";
import type { Directive } from "./directive.ts";
import { type IncludedFiles, openIncludedFiles } from "./included-files.ts";

/** What reading one configuration, with all files that it includes, has come to. */
export interface Reading {
  readonly definitions: Definitions;
  files: IncludedFiles | undefined;
  readonly serverRoot: string | undefined;
  readonly longest: number;
  left: number;
  filesRead: number;
}

/** The files below serverRoot. Throws a `ConfigError` if there is no such folder. */
export function filesOf(directive: Directive, serverRoot: string, reading: Reading): IncludedFiles {
  try {
    reading.files ??= openIncludedFiles(serverRoot);
    return reading.files;
  } catch (error) {
    if (isFileError(error))
      throw configErrorAt(directive, `serverRoot can't be read (${error.code})`);
    throw error;
  }
}

/** Whether the operating system did not give a file. */
export function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && "syscall" in error;
}
