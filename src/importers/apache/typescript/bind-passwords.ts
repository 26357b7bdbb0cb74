import type { Directive } from "../directive.ts";
import { wordsOf } from "../directive-table.ts";

/** A configuration without its passwords, so that none of them can come into what is made of it. */
export interface WithoutPasswords {
  readonly tree: readonly Directive[];
  /** The code that gets the password for what now stands in its place. */
  codeFor(placeholder: string): string;
  /** What has to be done for the passwords to be there: lines for comments. */
  readonly notes: readonly string[];
}

/** Takes the passwords out. No program of an `exec:` is run. */
export function withoutPasswords(tree: readonly Directive[]): WithoutPasswords {
  const codes = new Map<string, string>();
  const notes: string[] = [];

  function codeOf(password: string, { line }: Directive): string {
    const [, file] = /^exec:\s*(?:\/usr)?\/bin\/cat\s+(\/[^\s*?[\]$]+)$/.exec(password) ?? [];
    if (file !== undefined) return `{ file: ${JSON.stringify(file)} }`;
    const variable = `LDAP_BIND_PASSWORD_${line}`;
    notes.push(
      password.startsWith("exec:") && password !== "exec:"
        ? `Line ${line}: AuthLDAPBindPassword runs a program. Put what it prints into ${variable}, or write a function that runs it.`
        : `Line ${line}: AuthLDAPBindPassword is not shown here. Put it into ${variable}, or into a file: { file: "/…" }.`,
    );
    return `process.env.${variable} ?? ""`;
  }

  function hidden(directive: Directive): Directive {
    const { name, children } = directive;
    if (children) return { ...directive, children: children.map(hidden) };
    if (name.toLowerCase() !== "authldapbindpassword") return directive;
    const [password, ...more] = wordsOf(directive);
    if (password === undefined || more.length > 0) return { ...directive, rest: "" };
    const placeholder = `password ${codes.size + 1}`;
    codes.set(placeholder, codeOf(password, directive));
    return { ...directive, args: [placeholder], rest: "" };
  }

  return {
    tree: tree.map(hidden),
    codeFor: (placeholder) => codes.get(placeholder) ?? '""',
    notes,
  };
}
