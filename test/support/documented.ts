import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

/** Code that a page of docs/ shows, as a user would copy it. */
export interface Documented {
  /** Where the code is. */
  readonly folder: string;
  /** The module, for `import()`. */
  readonly file: string;
  /** Rejects, with what the compiler says, where the code has mistakes. */
  check(): Promise<void>;
  remove(): void;
}

/** The blocks of a page that are in a language and hold a text, without their fences. */
export function blocksOf(page: string, language: string, holding: string): readonly string[] {
  const text = readFileSync(join(ROOT, "docs", page), "utf8");
  const blocks = text.matchAll(/^```(\w+)\n(.*?)^```$/gms);
  return [...blocks].flatMap(([, found, block = ""]) =>
    found === language && block.includes(holding) ? [block] : [],
  );
}

/** The one TypeScript block of a page that holds a text, with this package in place of the installed one. `change` is what a user would adapt. */
export function documented(
  page: string,
  holding: string,
  change: (code: string, folder: string) => string = (text) => text,
): Documented {
  const [code, ...others] = blocksOf(page, "ts", holding);
  if (code === undefined || others.length > 0) throw new Error(`not one block with ${holding}`);
  const folder = mkdtempSync(join(tmpdir(), "documented-"));
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const file = join(folder, "code.ts");
  const own = JSON.stringify(join(ROOT, "src/index.ts"));
  writeFileSync(file, change(code, folder).replace('"express-authnz-ldap"', own));
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  const tsconfig = {
    extends: join(ROOT, "tsconfig.json"),
    // The import is no relative one.
    compilerOptions: { allowImportingTsExtensions: true, rewriteRelativeImportExtensions: false },
    include: ["code.ts", join(ROOT, "src/**/*.d.ts")],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(tsconfig));
  return {
    folder,
    file,
    async check() {
      const compiler = join(ROOT, "node_modules/typescript/bin/tsc");
      try {
        await run(process.execPath, [compiler, "-p", folder]);
      } catch (error) {
        const said = (error as { stdout?: string }).stdout ?? "";
        // What is wrong in src/ itself is for `npm run typecheck` to say.
        const mistakes = said.split("\n").filter((line) => / error TS|^error /.test(line));
        const isOurs = (line: string) => !/^[./]*(?:.*\/)?src\/[^:]*\(\d/.test(line);
        if (mistakes.length === 0 || mistakes.some(isOurs)) throw new Error(said, { cause: error });
      }
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
