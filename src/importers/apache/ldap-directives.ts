import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { ConfigError } from "../../errors.ts";
import { compilePattern } from "../../expressions/pattern/pattern.ts";
import { parseAuthLdapUrl } from "../../ldap/parse-auth-ldap-url.ts";
import type { TlsOptions } from "../../options/authnz-ldap-options.ts";
import type { LdapAccess } from "./access.ts";
import { passwordOf } from "./bind-password.ts";
import { configErrorAt } from "./config-error-at.ts";
import type { Directive } from "./directive.ts";
import { wordsOf } from "./directive-table.ts";
import { flagOf, lastOf, wordOf } from "./settings-of.ts";

/** The directory of a section; undefined where it has no AuthLDAPURL. */
export function ldapAccess(
  directives: readonly Directive[],
  server: readonly Directive[],
): LdapAccess | undefined {
  const line = lastOf(directives, "AuthLDAPURL");
  if (line === undefined) return undefined;
  const { url, usesTls, blankAttributes } = urlOf(line, server);
  const tls = usesTls ? tlsOf(directives, server) : undefined;
  const bind = bindOf(directives, tls);
  const initialBind = initialBindOf(directives);
  const remoteUser = remoteUserOf(directives);
  const prefix = wordOf(directives, "AuthLDAPAuthorizePrefix");
  return {
    options: {
      url,
      ...bind,
      ...(tls && Object.keys(tls).length > 0 ? { tls } : {}),
      ...timesOf(server),
      dereferenceAliases: dereferenceOf(wordOf(directives, "AuthLDAPDereferenceAliases")),
      bindAuthoritative: flagOf(directives, "AuthLDAPBindAuthoritative", true),
      ...(initialBind === undefined ? {} : { initialBindAsUser: initialBind }),
      searchAsUser: flagOf(directives, "AuthLDAPSearchAsUser", false),
      compareAsUser: flagOf(directives, "AuthLDAPCompareAsUser", false),
      ...(remoteUser === undefined ? {} : { remoteUser }),
      ...(prefix === undefined ? {} : { authorizePrefix: prefix }),
      // httpd says that it is nobody, and a server may refuse that.
      ...(bind.bindDn === undefined ? { anonymousBind: true } : {}),
    },
    ...(blankAttributes.length > 0 ? { blankAttributes } : {}),
    ...(typeof initialBind === "object" ? { bindsAs: true } : {}),
  };
}

/** The URL with its mode said: where httpd has none it is LDAPTrustedMode, and that is clear text unless set. */
function urlOf(line: Directive, server: readonly Directive[]): UrlLine {
  const [written = "", ownMode] = wordsOf(line);
  const { text, blankAttributes } = plainUrl(line, written);
  const mode = (ownMode ?? wordOf(server, "LDAPTrustedMode") ?? "NONE").toUpperCase();
  if (text.includes('"')) throw configErrorAt(line, "a URL can't hold a \": write %22");
  try {
    const { scheme } = parseAuthLdapUrl(`"${text}"`);
    const url = scheme === "ldapi" ? `"${text}"` : `"${text}" ${mode}`;
    const { connectionMode } = parseAuthLdapUrl(url);
    const usesTls = scheme === "ldaps" || (scheme === "ldap" && connectionMode !== "none");
    return { url, usesTls, blankAttributes };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw configErrorAt(line, error.message, error);
  }
}

interface UrlLine {
  readonly url: string;
  readonly usesTls: boolean;
  readonly blankAttributes: readonly string[];
}

/** Takes out what httpd accepts and gives no meaning: attributes with blanks in their names, extensions. */
function plainUrl(
  line: Directive,
  written: string,
): { readonly text: string; readonly blankAttributes: readonly string[] } {
  const [base = "", attributes, scope, ownFilter, extensions, ...more] = written.split("?");
  const filter = ownFilter === undefined ? undefined : cutFilter(ownFilter);
  if (filter !== undefined && /^(?:\s|%20)|(?:\s|%20)$/.test(filter)) {
    throw configErrorAt(line, "blanks around the filter make it a bad one: httpd answers 500");
  }
  const [login = "", ...others] = attributes?.split(",") ?? [];
  const isBlank = (attribute: string) => /\s|%20/.test(attribute);
  const plain = attributes && [login, ...others.filter((one) => !isBlank(one))].join(",");
  // An empty one, and a part behind it, are wrong in httpd too.
  const ignored = extensions !== "" && more.length === 0;
  const parts = [base, plain, scope, filter, ignored ? undefined : extensions, ...more];
  return {
    text: parts.filter((part) => part !== undefined).join("?"),
    blankAttributes: others.filter(isBlank).map((one) => one.replaceAll("%20", " ")),
  };
}

/** httpd takes the first and the last character of a filter that begins with "(" for its parentheses, whatever the last is. */
function cutFilter(filter: string): string {
  if (!filter.startsWith("(") || filter.endsWith(")") || /^\(\s*$/.test(filter)) return filter;
  return `(${filter.slice(1).replace(/(?:%[0-9a-f]{2}|.)$/is, "")})`;
}

function bindOf(
  directives: readonly Directive[],
  tls: TlsOptions | undefined,
): Pick<LdapAccess["options"], "bindDn" | "bindPassword"> {
  const dn = lastOf(directives, "AuthLDAPBindDN");
  const password = lastOf(directives, "AuthLDAPBindPassword");
  if (dn && !password) {
    throw configErrorAt(dn, "there is no AuthLDAPBindPassword: httpd answers 500");
  }
  if (password && !dn) {
    throw configErrorAt(password, "there is no AuthLDAPBindDN: no server lets that in");
  }
  if (dn && password) {
    return { bindDn: wordsOf(dn)[0] ?? "", bindPassword: passwordOf(password) };
  }
  const certificate = lastOf(directives, "LDAPTrustedClientCert");
  if (certificate && tls?.certFile !== undefined) {
    throw configErrorAt(
      certificate,
      "without AuthLDAPBindDN it would be bound as the certificate's owner, which httpd does not do",
    );
  }
  return {};
}

function tlsOf(directives: readonly Directive[], server: readonly Directive[]): TlsOptions {
  // libldap knows one file: the last line's.
  const trusted = lastOf(server, "LDAPTrustedGlobalCert");
  const ca = trusted ? certificateOf(wordsOf(trusted)) : {};
  const own = directives.filter(({ name }) => name.toLowerCase() === "ldaptrustedclientcert");
  const fileOf = (format: string) => own.map(wordsOf).findLast(([first]) => first === format)?.[1];
  const cert = fileOf("CERT_BASE64");
  const key = fileOf("KEY_BASE64");
  const last = own.at(-1);
  if (last && (cert === undefined || key === undefined)) {
    throw configErrorAt(last, "a certificate (CERT_BASE64) and its key (KEY_BASE64) go together");
  }
  return {
    ...ca,
    ...(cert !== undefined && key !== undefined ? { certFile: cert, keyFile: key } : {}),
    ...(flagOf(server, "LDAPVerifyServerCert", true)
      ? {}
      : { dangerouslyAcceptAnyCertificate: true }),
  };
}

/** Of a file that was found readable before. */
function certificateOf([format = "", file = ""]: readonly string[]): Pick<
  TlsOptions,
  "ca" | "caFile"
> {
  if (format !== "CA_DER") return { caFile: file };
  return { ca: new X509Certificate(readFileSync(file)).toString() };
}

/** Milliseconds; within what the options take. */
function timesOf(
  server: readonly Directive[],
): Pick<LdapAccess["options"], "timeout" | "connections"> {
  const seconds = wordOf(server, "LDAPTimeout");
  const idle = wordOf(server, "LDAPConnectionPoolTTL");
  const idleTimeout = idle === undefined ? undefined : durationOf(idle);
  return {
    ...(seconds === undefined ? {} : { timeout: within(Number(seconds) * 1_000, 100, 120_000) }),
    ...(idleTimeout === undefined
      ? {}
      : { connections: { idleTimeout: within(idleTimeout, 1_000, 3_600_000) } }),
  };
}

/** -1 keeps connections as long as they are wanted, which is this one's own time. */
function durationOf(text: string): number | undefined {
  const [, count, unit = "s"] = /^(\d+)([a-z]*)$/i.exec(text) ?? [];
  if (count === undefined) return undefined;
  const factor = /^ms$/i.test(unit)
    ? 1
    : /^h/i.test(unit)
      ? 3_600_000
      : /^m/i.test(unit)
        ? 60_000
        : 1_000;
  return Number(count) * factor;
}

function within(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}

type DereferenceAliases = NonNullable<LdapAccess["options"]["dereferenceAliases"]>;

function dereferenceOf(word = "always"): DereferenceAliases {
  if (/^off$/i.test(word) || word === "never") return "never";
  return word === "searching" || word === "finding" ? word : "always";
}

function initialBindOf(
  directives: readonly Directive[],
): LdapAccess["options"]["initialBindAsUser"] {
  const line = lastOf(directives, "AuthLDAPInitialBindPattern");
  const [source = "", dn = ""] = line ? wordsOf(line) : [];
  if (line) checkPattern(line, source);
  if (!flagOf(directives, "AuthLDAPInitialBindAsUser", false)) return undefined;
  return line ? { pattern: source, dn } : true;
}

function checkPattern(line: Directive, source: string): void {
  try {
    compilePattern(source);
  } catch (cause) {
    throw configErrorAt(
      line,
      `AuthLDAPInitialBindPattern: cannot compile regular expression '${source}'`,
      cause,
    );
  }
}

function remoteUserOf(directives: readonly Directive[]): LdapAccess["options"]["remoteUser"] {
  const isDn = flagOf(directives, "AuthLDAPRemoteUserIsDN", false);
  const attribute = wordOf(directives, "AuthLDAPRemoteUserAttribute");
  if (attribute !== undefined) return { attribute, orDn: isDn };
  return isDn ? "dn" : undefined;
}
