import type { Rule } from "../../authorization/rule.ts";
import { ConfigError } from "../../errors.ts";
import type { Access } from "./access.ts";
import { accessOf } from "./access-of.ts";
import { configErrorAt } from "./config-error-at.ts";
import { checkDirective } from "./directive-table.ts";
import { type ParseOptions, parseApacheConfig } from "./parse-apache-config.ts";
import { readSections } from "./sections.ts";
import { compileSites } from "./sites.ts";
import { type WithoutPasswords, withoutPasswords } from "./typescript/bind-passwords.ts";
import { directoryCode } from "./typescript/directory-code.ts";
import { guardCode, ruleTypes } from "./typescript/guard-code.ts";
import { call, comment } from "./typescript/literal.ts";
import { type NativeSite, nativeSites } from "./typescript/native-sites.ts";
import { withWholePaths } from "./whole-paths.ts";

/**
 * The same protection as an Apache configuration's, as TypeScript with `authnzLdap` and guards: a module that exports `protection`, an
 * Express router to be mounted before the routes, and `close`. Comments say what is not carried and what differs. No password is in it, and no
 * program of an `exec:` is run. Throws a `ConfigError` with file and line for what `fromApacheConfig` refuses, and for what can't be said with
 * `app.use(path, …)`: sections with patterns or file names, people of a file alone, rules about SetEnvIf's variables.
 */
export function apacheToTypeScript(text: string, options: ParseOptions = {}): string {
  const passwords = withoutPasswords(
    withWholePaths(parseApacheConfig(text, options), options.serverRoot),
  );
  const config = readSections(passwords.tree, options.file, checkDirective);
  const sites = nativeSites(config, compileSites(config, accessOf));
  const directories = new Map<string, string>();
  const uses = sites.map((site) => useOf(site, passwords, directories));
  const declarations = [...directories].map(([code, name]) => `const ${name} = ${code};\n`);
  const body = `${declarations.join("\n")}\n${PROTECTION}\n${uses.join("\n")}`;
  const skipped = config.skipped.map(({ line, file, directive, reason }) =>
    comment(`  ${file ?? "line"}:${line} ${directive}: ${reason}`),
  );
  return [
    comment(`Made of ${options.file ?? "an Apache configuration"} by express-authnz-ldap.`),
    ...DIFFERENCES.map(comment),
    ...(skipped.length > 0 ? ["//", comment("Not carried:"), ...skipped] : []),
    ...(passwords.notes.length > 0 ? ["//", ...passwords.notes.map(comment)] : []),
    "",
    'import express, { type RequestHandler } from "express";',
    importOf(body),
    "",
    `${body}\n${closeCode([...directories.values()])}`,
  ].join("\n");
}

const DIFFERENCES = [
  "Mount it before the routes: app.use(protection). What differs from httpd:",
  "- Who is signed in and may not pass gets 403; httpd asks for a password again (401).",
  "- Wrong credentials are refused everywhere, also where nobody has to sign in; wrong passwords are counted (the option throttle).",
  "- Rules are asked once, of whoever is signed in then; httpd asks them before the login too, and ldap-search only then.",
  "- Names are what the entry holds, not what was typed; a DN may be spelled in any way that means the same.",
  "- Paths are compared in any letter case, as Express does; odd spellings of a path get 400.",
  "- REMOTE_USER and the AUTHENTICATE_ and AUTHORIZE_ variables are in environment(req).",
];

/** httpd decodes and tidies a path before it compares it, Express compares it as it was sent. */
const PROTECTION = `export const protection = express.Router();

// Spellings of a path that a route may read otherwise than the sections below.
const ODD_PATH =
  /\\/\\/|\\/\\.{1,2}(?:\\/|$)|\\\\|%(?:[01]|2[def]|3\\d|[46][1-9a-f]|[57][\\da]|5[cf]|7[ef])/i;
protection.use((req, res, next) => {
  if (ODD_PATH.test(req.path)) res.sendStatus(400);
  else next();
});

// Of several sections only the innermost counts.
const leave: RequestHandler = (_req, _res, next) => next("router");
`;

function useOf(
  site: NativeSite,
  passwords: WithoutPasswords,
  directories: Map<string, string>,
): string {
  const { path, access, sections } = site;
  const lines = sections.map(({ directive }) =>
    directive ? `<${directive.name}> of line ${directive.line}` : "the whole text",
  );
  const at = sections.at(-1)?.directive ?? { name: "Require", line: 1 };
  try {
    const handlers = access?.rule ? handlersOf(access, access.rule, passwords, directories) : [];
    return [
      comment(lines.length > 0 ? lines.join(", ") : "No section"),
      ...(access ? notesOf(access) : []).map(comment),
      `${call("protection.use", [JSON.stringify(path), ...handlers, "leave"])};\n`,
    ].join("\n");
  } catch (error) {
    if (!(error instanceof ConfigError) || error.option?.startsWith("apache:")) throw error;
    const message = `${error.message}: give the configuration to fromApacheConfig as it is`;
    throw configErrorAt(at, message, error);
  }
}

function handlersOf(
  access: Access,
  rule: Rule,
  passwords: WithoutPasswords,
  directories: Map<string, string>,
): readonly string[] {
  if (rule.type === "granted") return [];
  if (rule.type === "denied") return ["(_req, res) => void res.sendStatus(403)"];
  checkVariables(access, rule);
  const code = directoryCode(access, rule, passwords.codeFor);
  const name = directories.get(code) ?? `ldap${directories.size === 0 ? "" : directories.size + 1}`;
  directories.set(code, name);
  return [name, guardCode(rule)];
}

/** A variable that SetEnvIf sets is never set here, and a negated rule would let in. */
function checkVariables({ environment }: Access, rule: Rule): void {
  const isSet = environment.some(({ when }) => when === "early");
  const mayAsk = ruleTypes(rule).has("env") || /"expr"|%\{/.test(JSON.stringify(rule));
  if (isSet && mayAsk) {
    throw new ConfigError("its rules may ask for variables, and those of SetEnvIf are httpd's own");
  }
}

function notesOf({ environment, charsets, authoritative, ldap }: Access): readonly string[] {
  return [
    ...(environment.length > 0 ? ["Not carried: variables (SetEnv, SetEnvIf, …)."] : []),
    ...(charsets.length > 0
      ? ["Not carried: AuthLDAPCharsetConfig. Names and passwords are UTF-8."]
      : []),
    ...(authoritative
      ? []
      : ["Not carried: AuthBasicAuthoritative Off. Who is not known gets 401."]),
    ...(ldap?.bindsAs ? ["Not carried: the variable LDAP_BINDASUSER."] : []),
    ...(ldap?.blankAttributes ? ["Not carried: attributes with blanks in their names."] : []),
  ];
}

function importOf(body: string): string {
  const names = NAMES.filter((name) => body.includes(`${name}(`));
  if (names.length === 0) return "";
  const line = `import { ${names.join(", ")} } from "express-authnz-ldap";`;
  if (line.length <= 100) return line;
  return `import {\n${names.map((name) => `  ${name},\n`).join("")}} from "express-authnz-ldap";`;
}

const NAMES = [
  ...["authnzLdap", "otherDirectory", "passwordFile", "requireAll", "requireAllDenied"],
  ...["requireAllGranted", "requireAny", "requireAttribute", "requireDn", "requireEnv"],
  ...["requireExpr", "requireFileGroup", "requireFilter", "requireIp", "requireLocal"],
  ...["requireMethod", "requireNone", "requireRemoteUser", "requireRule", "requireSearch"],
  ...["requireUser", "requireValidUser"],
];

function closeCode(names: readonly string[]): string {
  const closes = names.map((name) => `${name}.close()`).join(", ");
  return `export async function close(): Promise<void> {\n  await Promise.all([${closes}]);\n}\n`;
}
