import { readFileSync } from "node:fs";
import {
  startDirectory,
  type TestDirectory,
  type TestDirectoryOptions,
} from "../../src/testing/index.ts";

const read = (name: string) =>
  readFileSync(new URL(`../fixtures/${name}`, import.meta.url), "utf8");

/** The built-in directory with the people and groups of test/fixtures, as slapd would serve them. */
export function startFixtureDirectory(
  options: Partial<TestDirectoryOptions> = {},
): Promise<TestDirectory> {
  return startDirectory({
    ldif: read("directory.ldif"),
    schema: read("custom.schema"),
    ...options,
  });
}
