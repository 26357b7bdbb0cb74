import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { RequestHandler } from "express";

/** A folder for code that was generated, which finds this package and Express. */
export interface CodeFolder {
  /** Writes a module and loads it. */
  load(code: string): Promise<GeneratedModule>;
  /** Type-checks all code that was given to it, as strict as can be; what the compiler says, empty if all is well. */
  compile(codes: readonly string[]): Promise<string>;
  remove(): void;
}

export interface GeneratedModule {
  readonly protection: RequestHandler;
  close(): Promise<void>;
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MAIN = fileURLToPath(new URL("../../src/index.ts", import.meta.url));
/** Declares what a dependency has no types for. */
const UNTYPED = join(ROOT, "src/authentication/files/unix-crypt-td-js.d.ts");

export function openCodeFolder(): CodeFolder {
  const folder = mkdtempSync(join(tmpdir(), "generated-"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  let count = 0;

  async function load(code: string): Promise<GeneratedModule> {
    const file = join(folder, `generated-${++count}.ts`);
    const here = JSON.stringify(pathToFileURL(MAIN).href);
    writeFileSync(
      file,
      code.replace('from "express-authnz-ldap"', () => `from ${here}`),
    );
    return import(pathToFileURL(file).href);
  }

  async function compile(codes: readonly string[]): Promise<string> {
    const project = join(folder, `project-${++count}`);
    mkdirSync(project);
    for (const [index, code] of codes.entries()) {
      writeFileSync(join(project, `module-${index}.ts`), code);
    }
    const compilerOptions = {
      ...{ module: "nodenext", target: "es2023", lib: ["es2024"], types: ["node"], strict: true },
      ...{ noEmit: true, skipLibCheck: true, allowImportingTsExtensions: true },
      ...{ noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true },
      ...{ noUnusedLocals: true, noUnusedParameters: true, noImplicitReturns: true },
      ...{ noPropertyAccessFromIndexSignature: false, verbatimModuleSyntax: true },
      paths: { "express-authnz-ldap": [MAIN] },
    };
    const config = JSON.stringify({ compilerOptions, include: ["*.ts", UNTYPED] });
    writeFileSync(join(project, "tsconfig.json"), config);
    const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
    try {
      const { stdout } = await promisify(execFile)(process.execPath, [tsc, "-p", project]);
      return stdout;
    } catch (error) {
      return error instanceof Error && "stdout" in error ? String(error.stdout) : String(error);
    }
  }

  return { load, compile, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
