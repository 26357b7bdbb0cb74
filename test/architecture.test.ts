import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { describe, it } from "node:test";

/** Each folder of src/, and what its files may import besides node:, errors.ts, log.ts, events.ts, lru.ts and their own folder. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  ldap: [],
  directory: ["ldap", "ldapts"],
  passwords: ["bcryptjs", "hash-wasm", "unix-crypt-td-js"],
  tables: ["ldap", "directory"],
  authentication: ["ldap", "directory", "passwords"],
  expressions: ["ldap"],
  authorization: ["ldap", "directory", "authentication", "expressions"],
  web: [
    ...["ldap", "directory", "authentication", "expressions", "authorization", "importers"],
    ...["tables", "passwords", "express", "express-session", "rate-limiter-flexible"],
  ],
  options: [
    ...["ldap", "expressions", "directory", "authentication", "authorization", "passwords"],
    ...["tables", "web"],
  ],
  observation: [],
  importers: [
    ...["ldap", "expressions", "directory", "authorization", "options", "tables", "passwords"],
  ],
  cli: ["importers", "tables", "open-table.ts"],
  testing: ["ldap", "passwords"],
};

/** What a folder may take of another one, where that is not all of it. */
const ONLY: Readonly<Record<string, Readonly<Record<string, RegExp>>>> = {
  options: {
    web: /\/web\/(web-settings|views\/login-view|account-texts|redis-client|authenticated)\.ts$/,
  },
  // It is handed a configuration as plain data, and never reads one.
  web: { importers: /\/importers\/apache\/access\.ts$/ },
  // Where servers are is plain data; no importer asks them anything.
  importers: { directory: /\/directory\/directory-settings\.ts$/ },
};

/** The specifiers of a file, side-effect and re-exporting imports included. */
function importsOf(file: string): readonly string[] {
  const text = readFileSync(file, "utf8");
  const found = text.matchAll(/(?:\bfrom|^import) "([^"]+)";$|\bimport\("([^"]+)"\)/gm);
  return [...found].map(([, named, dynamic]) => named ?? dynamic ?? "");
}

/** The package that a specifier names, or the first step below src/ of the file it names. */
function targetOf(specifier: string, file: string): string {
  if (!specifier.startsWith(".")) return specifier;
  return relative("src", join(dirname(file), specifier)).split(sep)[0] ?? "";
}

describe("src/", () => {
  for (const [folder, others] of Object.entries(MAY_IMPORT)) {
    const allowed: ReadonlySet<string> = new Set([
      folder,
      "errors.ts",
      "log.ts",
      "events.ts",
      "lru.ts",
      ...others,
    ]);

    it(`${folder}/ imports only ${["itself", ...others].join(", ")}`, () => {
      const files = globSync(`src/${folder}/**/*.ts`);
      assert(files.length > 0, `src/${folder} is empty`);
      for (const file of files) {
        for (const specifier of importsOf(file)) {
          if (specifier.startsWith("node:")) continue;
          const target = targetOf(specifier, file);
          assert(allowed.has(target), `${file} imports ${specifier}`);
          const only = ONLY[folder]?.[target];
          const path = join("/", dirname(file), specifier);
          assert(!only || only.test(path), `${file} imports ${specifier}`);
        }
      }
    });
  }

  it("has no folder that is missing in the table", () => {
    const folders = new Set(globSync("src/*/").map((path) => path.split(sep)[1]));
    assert.deepEqual([...folders].sort(), Object.keys(MAY_IMPORT).sort());
  });
});
