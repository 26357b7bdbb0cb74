import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const read = (name: string) => JSON.parse(readFileSync(`${ROOT}/${name}`, "utf8"));

/** What comes with us into every application: whoever adds one says here that it is worth it. */
const DEPENDENCIES = [
  "bcryptjs",
  "hash-wasm",
  "ldapts",
  "lru-cache",
  "rate-limiter-flexible",
  "unix-crypt-td-js",
];
/** Those of the dependencies among them. */
const MOST_PACKAGES = 7;

interface LockedPackage {
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
  readonly peer?: boolean;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
}

describe("the package", () => {
  const { dependencies, scripts, bundleDependencies } = read("package.json");
  const lock: [string, LockedPackage][] = Object.entries(read("package-lock.json").packages);
  const installed = lock.filter(
    ([path, { dev, devOptional, peer }]) => path !== "" && !dev && !devOptional && !peer,
  );

  it("holds what users need, and nothing else", () => {
    const output = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
      cwd: ROOT,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const [{ files }] = JSON.parse(output.slice(output.indexOf("["))) as [
      { files: readonly { readonly path: string }[] },
    ];
    const allowed =
      /^(dist|src|docs)\/|^(package\.json|README\.md|LICENSE|CHANGELOG\.md|SECURITY\.md)$/;
    const secret = /\.(pem|key|p12|ldif|env|tgz|log)$|\.test\.|(^|\/)\./;
    const odd = files
      .map(({ path }) => path)
      .filter((path) => !allowed.test(path) || secret.test(path));
    assert.deepEqual(odd, []);
    assert(files.some(({ path }) => path === "src/index.ts"));
  });

  it("runs nothing when it is installed", () => {
    for (const hook of [
      "preinstall",
      "install",
      "postinstall",
      "prepare",
      "preuninstall",
      "postuninstall",
    ]) {
      assert(!(hook in scripts), hook);
    }
    assert.equal(bundleDependencies, undefined);
    const hooked = installed.filter(([, { hasInstallScript }]) => hasInstallScript);
    assert.deepEqual(hooked, []);
  });

  it("brings few others, and each of them is known", () => {
    assert.deepEqual(Object.keys(dependencies).sort(), DEPENDENCIES);
    const paths = installed.map(([path]) => path);
    assert(paths.length <= MOST_PACKAGES, paths.join());
  });

  it("is tested with packages of the registry, each with its digest", () => {
    for (const [path, { resolved, integrity }] of lock) {
      if (path === "") continue;
      // Where it is not said it is the registry that the installer is set to.
      assert.match(
        resolved ?? "https://registry.npmjs.org/",
        /^https:\/\/registry\.npmjs\.org\//,
        path,
      );
      assert.match(integrity ?? "", /^sha512-/, path);
    }
  });
});
