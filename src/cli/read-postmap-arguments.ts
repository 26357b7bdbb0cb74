/** `postmap -q KEY FILE`. */
export interface PostmapRequest {
  readonly kind: "postmap";
  readonly file: string;
  /** `-`: the keys are the lines of standard input. */
  readonly key: string;
  /** Not with `-f`. */
  readonly foldKeys: boolean;
  /** `-v`: shows what is asked and answered. */
  readonly isVerbose: boolean;
}

/**
 * Reads the arguments behind `postmap`, as getopt() does: what follows `-q` is the key, whatever it looks like, so that scripts may pass on what they were
 * given. A text is what is wrong, undefined a call for help.
 */
export function readPostmapArguments(args: readonly string[]): PostmapRequest | string | undefined {
  const keys: string[] = [];
  const files: string[] = [];
  const flags = new Set<string>();
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === "--help") return undefined;
    if (arg === "--") {
      files.push(...rest.splice(0));
    } else if (!arg.startsWith("-") || arg === "-") {
      files.push(arg);
    } else {
      const [, letters = "", option, attached] = /^-([vf]*)(?:(.)(.*))?$/s.exec(arg) ?? [];
      for (const letter of letters) flags.add(letter);
      if (option === "h") return undefined;
      if (option === undefined) continue;
      if (option !== "q") return `postmap has no option ${JSON.stringify(arg)}`;
      const key = attached || rest.shift();
      if (key === undefined) return "option requires an argument -- 'q'";
      keys.push(key);
    }
  }
  const [key] = keys;
  const [file] = files;
  if (key === undefined || keys.length > 1) return "postmap takes one -q KEY";
  if (file === undefined || file === "" || files.length > 1) return "postmap takes one file";
  return {
    kind: "postmap",
    file: file.replace(/^ldap:/, ""),
    key,
    foldKeys: !flags.has("f"),
    isVerbose: flags.has("v"),
  };
}
