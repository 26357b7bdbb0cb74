import { execFileSync } from "node:child_process";
import { ConfigError } from "../../errors.ts";
import { configErrorAt } from "./config-error-at.ts";
import type { Directive } from "./directive.ts";
import { wordsOf } from "./directive-table.ts";

// The program of a line runs once, whatever number of sections the line is merged into.
const passwords = new WeakMap<Directive, string | ConfigError>();

/** The password of an AuthLDAPBindPassword line. Throws a `ConfigError` that does not show it. */
export function passwordOf(directive: Directive): string {
  const known = passwords.get(directive) ?? readOrRefuse(directive);
  passwords.set(directive, known);
  if (known instanceof ConfigError) throw known;
  return known;
}

function readOrRefuse(directive: Directive): string | ConfigError {
  try {
    return readPassword(directive);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

/** `exec:` runs a program at start and takes the first line that it prints; alone it is the password. */
function readPassword(directive: Directive): string {
  const [word = ""] = wordsOf(directive);
  const [program, ...args] = word.startsWith("exec:") ? word.slice(5).trim().split(/\s+/) : [];
  if (program === undefined || program === "") return word;
  if (/["'\\]/.test(word)) {
    throw configErrorAt(
      directive,
      "quotes and backslashes after exec: are not carried: name a script",
    );
  }
  let output: string;
  try {
    output = execFileSync(program, args, {
      encoding: "utf8",
      timeout: 10_000,
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch {
    // biome-ignore lint/style/useErrorCause: it holds the command line and what the program printed.
    throw configErrorAt(directive, "Unable to get bind password from exec of the program");
  }
  const password = output.split("\n")[0]?.replace(/\r$/, "") ?? "";
  if (password !== "") return password;
  throw configErrorAt(directive, "Empty passwords are invalid for AuthLDAPBindPassword");
}
