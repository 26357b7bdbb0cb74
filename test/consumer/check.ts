/**
 * Packs the package, installs it into empty projects as a user would, and type-checks and runs eight lines there: with `import`
 * and with `require`. Prints what it did; ends with status 1 at the first thing that is wrong. Run by `npm run consumer`.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The oldest and the newest compiler that the declarations are for. */
const COMPILERS = ["5.6", "7"] as const;
const HERE = fileURLToPath(new URL(".", import.meta.url));
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const folder = mkdtempSync(join(tmpdir(), "consumer-"));
try {
  const tarball = pack();
  checkContents(tarball);
  for (const compiler of COMPILERS) {
    const project = createProject(tarball, compiler);
    say(`TypeScript ${compiler}: type-checks`);
    run(project, "npx", ["--no-install", "tsc"]);
    if (compiler !== COMPILERS[0]) continue;
    for (const program of ["with-import.mts", "with-require.cjs"]) {
      say(`runs ${program}`);
      run(project, process.execPath, [program]);
    }
  }
  say("all as it should be");
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function say(line: string): void {
  process.stdout.write(`consumer: ${line}\n`);
}

function run(cwd: string, program: string, parameters: readonly string[]): string {
  return execFileSync(program, parameters, {
    cwd,
    encoding: "utf8",
    timeout: 300_000,
    stdio: ["ignore", "pipe", "inherit"],
  });
}

function pack(): string {
  const printed = run(ROOT, "npm", ["pack", "--json", "--silent", "--pack-destination", folder]);
  const [packed] = JSON.parse(printed.slice(printed.indexOf("["))) as [{ filename: string }];
  return join(folder, packed.filename);
}

/** Only what users need, and nothing that runs when it is installed. */
function checkContents(tarball: string): void {
  const files = run(folder, "tar", ["-tzf", tarball]).trim().split("\n");
  const allowed =
    /^package\/(dist|src|docs)\/|^package\/(package\.json|README\.md|LICENSE|CHANGELOG\.md|SECURITY\.md)$/;
  const odd = files.filter(
    (file) => !allowed.test(file) || /\.(pem|key|ldif|tgz)$|\.test\./.test(file),
  );
  if (odd.length > 0) throw new Error(`not for users: ${odd.join(", ")}`);
  const { scripts } = JSON.parse(run(folder, "tar", ["-xzOf", tarball, "package/package.json"]));
  const hooks = ["preinstall", "install", "postinstall"].filter((name) => name in scripts);
  if (hooks.length > 0) throw new Error(`runs at installation: ${hooks.join(", ")}`);
  say(`${files.length} files packed, none that users don't need`);
}

/** The lines that stand first in the README: compiled, not run. */
function readmeExample(): string {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  const [, example] = /^```ts\n(.*?)^```$/ms.exec(readme) ?? [];
  if (example === undefined) throw new Error("the README has no example");
  return example;
}

function createProject(tarball: string, compiler: string): string {
  const project = join(folder, `typescript-${compiler}`);
  mkdirSync(project);
  const options = {
    ...{ module: "nodenext", target: "es2022", strict: true, noEmit: true, skipLibCheck: false },
    ...{ types: ["node"], allowImportingTsExtensions: true },
  };
  writeFileSync(join(project, "package.json"), JSON.stringify({ private: true }));
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions: options }));
  for (const program of ["with-import.mts", "with-require.cjs"]) {
    copyFileSync(join(HERE, program), join(project, program));
  }
  writeFileSync(join(project, "readme.mts"), readmeExample());
  say(`TypeScript ${compiler}: installs`);
  const packages = [
    "express@5",
    "express-session@1",
    "@types/express@5",
    "@types/express-session@1",
  ];
  run(project, "npm", [
    ...["install", "--no-audit", "--no-fund", "--silent", tarball],
    ...[...packages, "@types/node@24", `typescript@${compiler}`],
  ]);
  return project;
}
