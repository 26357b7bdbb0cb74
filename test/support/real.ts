import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** A program of the system that a test runs, or the reason to give to node:test's `skip`. */
export type RealProgram =
  | { readonly path: string; readonly skip: false }
  | { readonly path: undefined; readonly skip: string };

/** Other names under which systems have a program. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  chromium: ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"],
};

// slapd is where only root's PATH looks.
const MORE_FOLDERS = ["/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/usr/libexec"];

/**
 * Finds a program. If it is not installed, the tests that need it are skipped, and a line on standard error says so; with
 * REQUIRE_REAL=1 it is an error.
 */
export function realProgram(name: string): RealProgram {
  // biome-ignore lint/style/noProcessEnv: the tests' own switch and where programs are
  const { PATH = "", REQUIRE_REAL } = process.env;
  const folders = [...PATH.split(delimiter).filter(Boolean), ...MORE_FOLDERS];
  const candidates = (NAMES[name] ?? [name]).flatMap((each) =>
    folders.map((folder) => join(folder, each)),
  );
  const path = candidates.find(isExecutable);
  if (path !== undefined) return { path, skip: false };
  if (REQUIRE_REAL === "1") throw new Error(`${name} is not installed, but REQUIRE_REAL=1`);
  const skip = `${name} is not installed`;
  process.stderr.write(`SKIPPED: ${skip}; tests with the real program did not run\n`);
  return { path: undefined, skip };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
