import { readFileSync } from "node:fs";
import { isAboutAccess } from "./about-access.ts";
import { configErrorAt } from "./config-error-at.ts";
import type { Directive } from "./directive.ts";
import type { Place } from "./merged.ts";
import { otherDirective } from "./other-directives.ts";

/** What httpd knows of a directive, and what becomes of it here. */
export interface KnownDirective {
  /** As httpd's manual spells it. */
  readonly name: string;
  /** In which places httpd allows it. */
  readonly allowedIn: "server" | "directory" | "both";
  /** The fewest and the most words; an empty word counts as missing. */
  readonly words: readonly [number, number];
  /** httpd's own words for a wrong number of them. */
  readonly usage?: string;
  /** What the words have to be, in httpd's own words for those that are not. */
  readonly check?: (words: readonly string[]) => string | undefined;
  /** Why it is not carried. Undefined: it is. */
  readonly skipped?: string;
  /** Why a configuration with it is refused. */
  readonly refused?: string;
}

const MANY = Number.POSITIVE_INFINITY;
const NO_CACHE = "answers of the directory are not cached";
const ALWAYS_THERE = "connections and retries are looked after without it";

function isOneOf(words: readonly string[], message: string) {
  return ([word = ""]: readonly string[]) =>
    words.includes(word.toLowerCase()) ? undefined : message;
}

function flag(name: string, allowedIn: KnownDirective["allowedIn"] = "directory"): KnownDirective {
  const check = isOneOf(["on", "off"], `${name} must be On or Off`);
  return { name, allowedIn, words: [1, 1], check };
}

function one(name: string, usage: string, more: Partial<KnownDirective> = {}): KnownDirective {
  return {
    name,
    allowedIn: "directory",
    words: [1, 1],
    usage: `${name} takes one argument, ${usage}`,
    ...more,
  };
}

function list(name: string, more: Partial<KnownDirective> = {}): KnownDirective {
  return { name, allowedIn: "directory", words: [1, MANY], ...more };
}

/** A directive of the server that a whole number belongs to. */
function number(name: string, message: string, more: Partial<KnownDirective> = {}): KnownDirective {
  const check = ([word = ""]: readonly string[]) => (/^\d+$/.test(word) ? undefined : message);
  return { name, allowedIn: "server", words: [1, 1], check, ...more };
}

function refused(name: string, why: string): KnownDirective {
  return { name, allowedIn: "both", words: [0, MANY], refused: why };
}

const DEREFERENCE = ["never", "searching", "finding", "always"];
const FILE_FORMATS = ["CA_BASE64", "CA_DER"];

const TABLE: readonly KnownDirective[] = [
  // mod_authnz_ldap
  {
    name: "AuthLDAPURL",
    allowedIn: "directory",
    words: [1, 2],
    usage:
      "AuthLDAPURL takes 1-2 arguments, URL to define LDAP connection. This should be an RFC 2255 compliant URL of the form ldap://host[:port]/basedn[?attrib[?scope[?filter]]].",
  },
  one(
    "AuthLDAPBindDN",
    "DN to use to bind to LDAP server. If not provided, will do an anonymous bind.",
  ),
  one(
    "AuthLDAPBindPassword",
    "Password to use to bind to LDAP server. If not provided, will do an anonymous bind.",
  ),
  flag("AuthLDAPBindAuthoritative"),
  flag("AuthLDAPInitialBindAsUser"),
  {
    name: "AuthLDAPInitialBindPattern",
    allowedIn: "directory",
    words: [2, 2],
    usage:
      "AuthLDAPInitialBindPattern takes two arguments, The regex and substitution to determine a username that can bind based on an HTTP basic auth username",
  },
  flag("AuthLDAPSearchAsUser"),
  flag("AuthLDAPCompareAsUser"),
  flag("AuthLDAPRemoteUserIsDN"),
  one("AuthLDAPRemoteUserAttribute", "the attribute that REMOTE_USER is made of"),
  one(
    "AuthLDAPAuthorizePrefix",
    "The prefix to add to environment variables set during successful authorization, default 'AUTHORIZE_'",
  ),
  flag("AuthLDAPCompareDNOnServer"),
  one("AuthLDAPDereferenceAliases", "how aliases are followed", {
    check: ([word = ""]) =>
      DEREFERENCE.includes(word) || /^(?:on|off)$/i.test(word)
        ? undefined
        : "Unrecognized value for AuthLDAPDereferenceAliases directive",
  }),
  list("AuthLDAPGroupAttribute"),
  flag("AuthLDAPGroupAttributeIsDN"),
  list("AuthLDAPSubGroupAttribute"),
  list("AuthLDAPSubGroupClass"),
  one(
    "AuthLDAPMaxSubGroupDepth",
    "Maximum subgroup nesting depth to be evaluated - defaults to 10 (top-level group = 0)",
  ),
  one("AuthLDAPCharsetConfig", "Character set conversion configuration file.", {
    allowedIn: "server",
  }),
  // mod_ldap
  one("LDAPSharedCacheSize", "size in bytes", { allowedIn: "server", skipped: NO_CACHE }),
  one("LDAPSharedCacheFile", "a file", { allowedIn: "server", skipped: NO_CACHE }),
  one("LDAPCacheEntries", "a number", { allowedIn: "server", skipped: NO_CACHE }),
  one("LDAPCacheTTL", "seconds", { allowedIn: "server", skipped: NO_CACHE }),
  one("LDAPOpCacheEntries", "a number", { allowedIn: "server", skipped: NO_CACHE }),
  one("LDAPOpCacheTTL", "seconds", { allowedIn: "server", skipped: NO_CACHE }),
  number("LDAPConnectionTimeout", "Timeout not numerical", {
    skipped: "LDAPTimeout is the time for all that one request does",
  }),
  number("LDAPTimeout", "Timeout not numerical"),
  number("LDAPRetries", "LDAPRetries must be >= 0", { skipped: ALWAYS_THERE }),
  number("LDAPRetryDelay", "LDAPRetryDelay must be >= 0", { skipped: ALWAYS_THERE }),
  one("LDAPConnectionPoolTTL", "seconds", {
    allowedIn: "server",
    check: ([word = ""]) =>
      /^(?:-1|\d+(?:ms|s|min|mi|m|h|hours)?)$/i.test(word)
        ? undefined
        : "LDAPConnectionPoolTTL has wrong format",
  }),
  one("LDAPTrustedMode", "NONE, SSL or TLS", {
    allowedIn: "server",
    check: isOneOf(
      ["none", "ssl", "tls", "starttls"],
      "Invalid LDAPTrustedMode setting: must be one of NONE, SSL, or TLS/STARTTLS",
    ),
  }),
  {
    name: "LDAPTrustedGlobalCert",
    allowedIn: "server",
    words: [2, 3],
    check: ([format = "", file = ""]) =>
      FILE_FORMATS.includes(format)
        ? unreadable(file)
        : `The certificate type ${format} is not recognised. It should be one of ${FILE_FORMATS.join(", ")} here.`,
  },
  {
    name: "LDAPTrustedClientCert",
    allowedIn: "directory",
    words: [2, 3],
    check: ([format = "", file = ""]) =>
      ["CERT_BASE64", "KEY_BASE64"].includes(format)
        ? unreadable(file) && `Invalid client certificate file path: ${unreadable(file)}`
        : `The certificate type ${format} is not recognised. It should be one of CERT_BASE64, KEY_BASE64 here.`,
  },
  flag("LDAPVerifyServerCert", "server"),
  one("LDAPLibraryDebug", "a number", {
    allowedIn: "server",
    skipped: "there is no such library here",
  }),
  one("LDAPReferrals", "on, off or default", {
    check: isOneOf(["on", "off", "default"], "LDAPReferrals must be 'on', 'off', or 'default'"),
    skipped: "referrals are followed only to servers that are named: the option `referrals`",
  }),
  one("LDAPReferralHopLimit", "a number", {
    check: ([word = ""]) =>
      /^[1-9]\d*$/.test(word)
        ? undefined
        : "LDAPReferralHopLimit must be greater than zero (Use 'LDAPReferrals Off' to disable referral chasing)",
    skipped: "referrals are followed only to servers that are named: the option `referrals`",
  }),
  // mod_authn_core, mod_auth_basic, mod_authn_file, mod_authz_groupfile
  one("AuthType", "Basic or None", {
    check: isOneOf(["basic", "none"], "only Basic and None are carried"),
  }),
  one("AuthName", "the realm"),
  list("AuthBasicProvider"),
  flag("AuthBasicAuthoritative"),
  refused("AuthBasicFake", "it sends a password of its own, and that is not carried"),
  refused("AuthBasicUseDigestAlgorithm", "it is not carried"),
  one("AuthUserFile", "text file containing user IDs and passwords"),
  one("AuthGroupFile", "text file containing group names and member user IDs"),
  // mod_authz_core, mod_access_compat
  one("AuthMerging", "Off, And or Or", {
    check: isOneOf(["off", "and", "or"], "AuthMerging must be one of Off, And, or Or"),
  }),
  flag("AuthzSendForbiddenOnFailure"),
  one("Satisfy", "access policy if both allow and require used ('all' or 'any')", {
    check: isOneOf(["all", "any"], "Satisfy either 'any' or 'all'."),
  }),
  one("Order", "'allow,deny', 'deny,allow', or 'mutual-failure'", {
    check: isOneOf(["allow,deny", "deny,allow", "mutual-failure"], "unknown order"),
  }),
  list("Allow"),
  list("Deny"),
  refused("AllowMethods", "<Limit> and `Require method` are carried, this is not"),
  refused("SSLRequire", "it is not carried"),
  refused("SSLRequireSSL", "it is not carried"),
  refused("SSLVerifyClient", "client certificates of visitors are not carried"),
  // mod_env, mod_setenvif
  list("SetEnv", { allowedIn: "both", words: [1, 2] }),
  list("UnsetEnv", { allowedIn: "both" }),
  list("PassEnv", {
    allowedIn: "both",
    skipped: "the variables of the process are the application's own",
  }),
  list("SetEnvIf", { allowedIn: "both", words: [3, MANY] }),
  list("SetEnvIfNoCase", { allowedIn: "both", words: [3, MANY] }),
  list("SetEnvIfExpr", { allowedIn: "both", words: [2, MANY] }),
  list("BrowserMatch", { allowedIn: "both", words: [2, MANY] }),
  list("BrowserMatchNoCase", { allowedIn: "both", words: [2, MANY] }),
];

/** Every directive that is known to be about access, by its name in lower case. */
export const DIRECTIVES: ReadonlyMap<string, KnownDirective> = new Map(
  TABLE.map((known) => [known.name.toLowerCase(), known]),
);

/** A directive's words as httpd counts them: an empty one, and all behind it, are missing. */
export function wordsOf({ args }: Directive): readonly string[] {
  const end = args.indexOf("");
  return end < 0 ? args : args.slice(0, end);
}

/** See `CheckDirective`: what httpd would refuse, and what touches access and can't be honoured, is a `ConfigError`. */
export function checkDirective(directive: Directive, place: Place): string | undefined {
  const known = DIRECTIVES.get(directive.name.toLowerCase());
  if (known === undefined) return reasonForOther(directive);
  if (known.refused !== undefined) throw configErrorAt(directive, known.refused);
  checkPlace(directive, known, place);
  const words = wordsOf(directive);
  const [fewest, most] = known.words;
  if (words.length < fewest || words.length > most) {
    const message =
      known.usage ??
      `${known.name} takes ${fewest === most ? fewest : `at least ${fewest}`} argument(s)`;
    throw configErrorAt(directive, message);
  }
  const wrong = known.check?.(words);
  if (wrong !== undefined) throw configErrorAt(directive, wrong);
  return known.skipped;
}

function checkPlace(directive: Directive, known: KnownDirective, place: Place): void {
  if (known.allowedIn === "both") return;
  if (known.allowedIn === "directory" && place.kind === "server") {
    throw configErrorAt(directive, `${known.name} not allowed here`);
  }
  if (known.allowedIn === "server" && place.kind !== "server") {
    const where = place.kind === "section" ? `<${place.name}> context` : ".htaccess";
    throw configErrorAt(directive, `${known.name} not allowed in ${where}`);
  }
}

/** Why a file can't be read; undefined if it can. */
export function unreadable(file: string): string | undefined {
  try {
    readFileSync(file);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : "unreadable";
  }
}

/** What is not in the table above: a directive of httpd's that has other business, or one that nobody knows. */
function reasonForOther(directive: Directive): string {
  const { name } = directive;
  const verdict = isAboutAccess(name) ? undefined : otherDirective(directive);
  if (verdict === undefined) {
    const near = nearest(name);
    throw configErrorAt(
      directive,
      `Invalid command '${name}', perhaps misspelled or defined by a module that is not carried${near ? `; did you mean ${near}?` : ""}`,
    );
  }
  if ("refused" in verdict) throw configErrorAt(directive, verdict.refused);
  return verdict.skipped;
}

function nearest(name: string): string | undefined {
  const names = [...[...DIRECTIVES.values()].map((known) => known.name), "Require"];
  const letters = (text: string) => [...text.toLowerCase()].sort().join("");
  const isNear = (other: string) =>
    Math.abs(other.length - name.length) <= 1 &&
    letters(other).slice(0, -1) === letters(name).slice(0, -1);
  return names.find((one) => letters(one) === letters(name)) ?? names.find(isNear);
}
