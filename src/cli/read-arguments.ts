import { parseArgs } from "node:util";
import { type PostmapRequest, readPostmapArguments } from "./read-postmap-arguments.ts";

/** What the command line asks for. */
export type Asked =
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly message: string }
  | ImportRequest
  | PostmapRequest;

/** `import apache FILE`. */
export interface ImportRequest {
  readonly kind: "import";
  readonly file: string;
  /** The folder that `Include` may read. */
  readonly serverRoot: string | undefined;
  /** Only says what is carried, and writes no code. */
  readonly checkOnly: boolean;
}

export const USAGE = `Usage: authnz-ldap import apache [--check] [--server-root FOLDER] FILE
       authnz-ldap postmap [-v] [-f] -q KEY FILE.cf

import apache reads an Apache configuration (httpd.conf, a virtual host, a .htaccess) and writes
TypeScript for express-authnz-ldap that protects an app in the same way to standard output. What was
carried, and what was not and why, goes to standard error. Passwords are in neither.

  --check               only check whether fromApacheConfig takes it; no code is written.
                        Runs the programs of AuthLDAPBindPassword exec:, as httpd does
  --server-root FOLDER  the folder that Include lines are read from
  --help                this text

Ends with 0; 1 for a configuration that can't be carried; 2 for wrong arguments, or a file that
can't be read.

postmap looks a key up in a Postfix LDAP table (ldap_table(5)) and prints what Postfix' postmap -q
prints. FILE.cf may have ldap: before it.

  -q KEY                the key; - reads keys from standard input, line by line
  -f                    does not fold the key to lower case
  -v                    shows each search and what it found on standard error

Ends with 0 if something was found; 1 if not, and for every error; 2 for wrong arguments.
`;

/** Reads the command line. */
export function readArguments(args: readonly string[]): Asked {
  if (args[0] === "postmap") {
    const asked = readPostmapArguments(args.slice(1));
    if (asked === undefined) return { kind: "help" };
    return typeof asked === "string" ? { kind: "wrong", message: asked } : asked;
  }
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    return { kind: "wrong", message: error instanceof Error ? error.message : "wrong arguments" };
  }
  const { values, positionals } = parsed;
  if (values.help) return { kind: "help" };
  const [command, format, file, ...more] = positionals;
  if (command !== "import" || format !== "apache") {
    return { kind: "wrong", message: "the commands are: import apache, postmap" };
  }
  if (file === undefined || file === "" || more.length > 0) {
    return { kind: "wrong", message: "import apache takes one file" };
  }
  const { check: checkOnly = false, "server-root": serverRoot } = values;
  return { kind: "import", file, serverRoot, checkOnly };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      check: { type: "boolean" },
      "server-root": { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
}
