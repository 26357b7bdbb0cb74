import { isAbsolute, join } from "node:path";
import { configErrorAt } from "./config-error-at.ts";
import type { Directive } from "./directive.ts";

/** Which word of a directive names a file. */
const FILE_WORD: ReadonlyMap<string, number> = new Map([
  ["authuserfile", 0],
  ["authgroupfile", 0],
  ["authldapcharsetconfig", 0],
  ["ldaptrustedglobalcert", 1],
  ["ldaptrustedclientcert", 1],
]);

/**
 * The same lines with whole file names: a relative one is relative to the server's root, as in httpd. Throws a `ConfigError` where that is not
 * known.
 */
export function withWholePaths(
  tree: readonly Directive[],
  serverRoot: string | undefined,
): readonly Directive[] {
  return tree.map((directive) => {
    const { children } = directive;
    if (children) return { ...directive, children: withWholePaths(children, serverRoot) };
    const at = FILE_WORD.get(directive.name.toLowerCase());
    const file = at === undefined ? undefined : directive.args[at];
    if (at === undefined || file === undefined || file === "" || isAbsolute(file)) return directive;
    if (serverRoot === undefined) {
      throw configErrorAt(
        directive,
        "say in the option serverRoot what a relative file name is relative to",
      );
    }
    return { ...directive, args: directive.args.with(at, join(serverRoot, file)) };
  });
}
