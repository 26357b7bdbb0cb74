import type { Definitions } from "./definitions.ts";

/** Whether what is in a conditional section counts; undefined where that depends on what only a running httpd knows. */
export type Verdict = boolean | undefined;

/** The sections that httpd evaluates while it reads. */
export const CONDITIONAL: ReadonlySet<string> = new Set([
  "ifmodule",
  "ifdefine",
  "ifversion",
  "iffile",
  "ifdirective",
  "ifsection",
]);

/**
 * Whether a conditional section counts. `exists` answers for `<IfFile>`. We stand for httpd 2.4.71 with the modules that
 * decide about access.
 */
export function verdictOf(
  name: string,
  args: readonly string[],
  definitions: Definitions,
  exists: (path: string) => Verdict,
): Verdict {
  if (name.toLowerCase() === "ifversion") return verdictOfVersion(args);
  const [first = ""] = args;
  const isTurned = first.startsWith("!");
  const subject = isTurned ? first.slice(1) || (args[1] ?? "") : first;
  const verdict = plainVerdict(name.toLowerCase(), subject, definitions, exists);
  return verdict === undefined ? undefined : verdict !== isTurned;
}

function plainVerdict(
  name: string,
  subject: string,
  definitions: Definitions,
  exists: (path: string) => Verdict,
): Verdict {
  if (name === "ifmodule") return isOurs(subject) ? true : undefined;
  if (name === "ifdefine") return definitions.isDefined(subject);
  if (name === "iffile") return exists(subject);
  return undefined;
}

/** `mod_authnz_ldap.c` or `authnz_ldap_module`. */
function isOurs(module: string): boolean {
  const name = /^(?:mod_(\w+)\.c|(\w+)_module)$/.exec(module);
  return MODULES.has(name?.[1] ?? name?.[2] ?? "");
}

const MODULES: ReadonlySet<string> = new Set([
  "access_compat",
  "alias",
  "auth_basic",
  "authn_core",
  "authn_file",
  "authnz_ldap",
  "authz_core",
  "authz_groupfile",
  "authz_host",
  "authz_user",
  "core",
  "dir",
  "env",
  "ldap",
  "setenvif",
  "so",
  "version",
]);

const VERSION = [2, 4, 71] as const;

function verdictOfVersion(args: readonly string[]): Verdict {
  const [operator = "=", version = "", ...more] = args.length === 1 ? ["=", ...args] : args;
  const parsed = /^(!?)(=|==|<|<=|>|>=)$/.exec(operator);
  // A pattern for the version, which nobody writes, is left to httpd.
  if (parsed === null || more.length > 0 || !/^\d{1,5}(?:\.\d{1,5}){0,2}$/.test(version))
    return undefined;
  const numbers = version.split(".").map(Number);
  let order = 0;
  for (const [index, ours] of VERSION.entries()) {
    if (order === 0) order = Math.sign(ours - (numbers[index] ?? 0));
  }
  const sign = parsed[2] ?? "";
  const holds =
    (sign.includes("=") && order === 0) ||
    (sign.startsWith("<") && order < 0) ||
    (sign.startsWith(">") && order > 0);
  return holds !== (parsed[1] === "!");
}
