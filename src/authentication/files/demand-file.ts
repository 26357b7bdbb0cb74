import { accessSync, constants, statSync } from "node:fs";
import { ConfigError } from "../../errors.ts";

/** Throws a `ConfigError` unless a file is there and can be read. `what` is how it is called: "The password file". */
export function demandReadableFile(path: string, what: string): void {
  const option = "file";
  try {
    accessSync(path, constants.R_OK);
    if (statSync(path).isFile()) return;
  } catch (cause) {
    throw new ConfigError(`${what} can't be read: ${(cause as Error).message}`, { option, cause });
  }
  throw new ConfigError(`${what} ${path} is not a file.`, { option });
}
