import { LONGEST_CREDENTIAL } from "../authentication/acceptable-credentials.ts";
import {
  type InitialBind,
  type MatchName,
  prepareInitialBind,
} from "../authentication/initial-bind.ts";
import type { DirectorySettings } from "../directory/directory-settings.ts";
import { ConfigError } from "../errors.ts";
import { compilePattern } from "../expressions/pattern/pattern.ts";
import { type AuthLdapUrl, exposedAttributes } from "../ldap/auth-ldap-url.ts";
import { parseAuthLdapUrl } from "../ldap/parse-auth-ldap-url.ts";
import type { Log } from "../log.ts";
import type { AuthnzLdapOptions } from "./authnz-ldap-options.ts";
import { checkKeys, flag, text, wholeNumber } from "./check.ts";
import { resolveDirectory } from "./resolve-directory.ts";
import { type PasswordSettings, resolvePasswords, warnOfCleartext } from "./resolve-passwords.ts";

/** What the options say about one directory: where it is, and how people are looked up and named. */
export interface LdapSettings {
  readonly url: AuthLdapUrl;
  /** As it was written. */
  readonly urlText: string;
  /** The URL's attributes that the application gets to see. */
  readonly exposed: readonly string[];
  readonly timeout: number;
  readonly directory: DirectorySettings;
  readonly isAuthoritative: boolean;
  readonly initialBind: InitialBind | undefined;
  readonly searchAsUser: boolean;
  readonly compareAsUser: boolean;
  readonly remoteUser: NonNullable<AuthnzLdapOptions["remoteUser"]>;
  readonly authorizePrefix: string;
  /** Whether what an entry says of its account counts, see account-state.ts. */
  readonly looksAtAccount: boolean;
  /** Who checks passwords. */
  readonly passwords: PasswordSettings;
}

/** The options that concern one directory; others have ones like them. */
export const LDAP_OPTIONS: readonly string[] = [
  ...["url", "bindDn", "bindPassword", "tls", "timeout", "connections", "dereferenceAliases"],
  ...["referrals", "bindAuthoritative", "initialBindAsUser", "searchAsUser", "compareAsUser"],
  ...["remoteUser", "authorizePrefix", "anonymousBind", "accountState", "passwords"],
];

/** Throws a `ConfigError` that names the option and the fix. */
export function resolveLdap(
  options: Pick<AuthnzLdapOptions, "url"> & Partial<AuthnzLdapOptions>,
  log: Log,
): LdapSettings {
  if (typeof options.url !== "string") {
    throw new ConfigError('url is missing: an AuthLDAPURL such as "ldap://host/dc=example?uid".', {
      option: "url",
    });
  }
  const url = parseAuthLdapUrl(options.url);
  for (const message of url.warnings) log({ level: "warn", event: "url-warning", message });
  const timeout = wholeNumber(options.timeout, 5_000, "timeout", [100, 120_000]);
  const directory = resolveDirectory(options, url, timeout, log);
  const passwords = resolvePasswords(options);
  if (passwords !== "bind" && directory.security === "none") warnOfCleartext(url, log);
  return {
    url,
    urlText: options.url,
    exposed: exposedAttributes(url),
    timeout,
    directory,
    isAuthoritative: flag(options.bindAuthoritative, true, "bindAuthoritative"),
    initialBind: resolveInitialBind(options.initialBindAsUser),
    searchAsUser: flag(options.searchAsUser, false, "searchAsUser"),
    compareAsUser: flag(options.compareAsUser, false, "compareAsUser"),
    remoteUser: resolveRemoteUser(options.remoteUser),
    authorizePrefix: resolvePrefix(options.authorizePrefix),
    looksAtAccount: flag(options.accountState, true, "accountState"),
    passwords,
  };
}

function resolveInitialBind(
  option: AuthnzLdapOptions["initialBindAsUser"],
): InitialBind | undefined {
  if (option === undefined || typeof option === "boolean") {
    return option ? prepareInitialBind() : undefined;
  }
  checkKeys(option, ["pattern", "dn"], "initialBindAsUser");
  const dn = text(option.dn, "initialBindAsUser.dn");
  const matchName = prepareMatch(option.pattern);
  if (dn !== undefined && matchName !== undefined) return prepareInitialBind(matchName, dn);
  throw new ConfigError(
    'initialBindAsUser must be true, or { pattern: /^(.+)$/, dn: "uid=$1,ou=people,dc=example,dc=org" }.',
    { option: "initialBindAsUser" },
  );
}

/** Text is httpd's kind of pattern, whose time no name can blow up. */
function prepareMatch(pattern: unknown): MatchName | undefined {
  if (pattern instanceof RegExp) {
    // Without flags that would make it remember where it last stopped.
    const own = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ""));
    return (name) => own.exec(name);
  }
  if (typeof pattern !== "string" || pattern === "") return undefined;
  try {
    const compiled = compilePattern(pattern);
    // One that is too large for the longest name would fail at a login.
    compiled.match("x".repeat(LONGEST_CREDENTIAL));
    return (name) => compiled.match(name);
  } catch (cause) {
    const option = "initialBindAsUser.pattern";
    throw new ConfigError(`${option}: ${(cause as Error).message}`, { option, cause });
  }
}

function resolveRemoteUser(option: AuthnzLdapOptions["remoteUser"]): LdapSettings["remoteUser"] {
  if (option === undefined || option === "name" || option === "dn") return option ?? "name";
  if (typeof option === "object") {
    checkKeys(option, ["attribute", "orDn"], "remoteUser");
    const attribute = text(option.attribute, "remoteUser.attribute");
    const orDn = flag(option.orDn, false, "remoteUser.orDn");
    if (attribute !== undefined) return { attribute, orDn };
  }
  throw new ConfigError('remoteUser must be "name", "dn", or { attribute: "mail" }.', {
    option: "remoteUser",
  });
}

/** Becomes part of variables' names. */
function resolvePrefix(option: unknown): string {
  const prefix = text(option, "authorizePrefix") ?? "AUTHORIZE_";
  if (/^[\x21-\x7e]{1,64}$/.test(prefix) && !prefix.includes("=")) return prefix;
  throw new ConfigError("authorizePrefix must be a short word without spaces.", {
    option: "authorizePrefix",
  });
}
