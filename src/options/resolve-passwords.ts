import type { Mechanism } from "../authentication/credentials.ts";
import type { StoredPasswordSettings } from "../authentication/stored/stored-values.ts";
import { ConfigError } from "../errors.ts";
import { isAttributeDescription } from "../ldap/attribute-description.ts";
import type { AuthLdapUrl } from "../ldap/auth-ldap-url.ts";
import type { Log } from "../log.ts";
import { SCHEME_DATA } from "../passwords/scheme-data.ts";
import { readStoredPassword } from "../passwords/stored-password.ts";
import type { AuthnzLdapOptions } from "./authnz-ldap-options.ts";
import { checkKeys, flag, hintFor, oneOf, text } from "./check.ts";
import { isLoopback } from "./is-loopback.ts";

/** Who checks passwords: the directory, or this process against stored ones. */
export type PasswordSettings = "bind" | StoredPasswordSettings;

type Options = Partial<AuthnzLdapOptions>;

/** Throws a `ConfigError` also where another option needs a bind. */
export function resolvePasswords(options: Options): PasswordSettings {
  const { passwords = "bind" } = options;
  if (passwords === "bind") return "bind";
  const settings = passwords === "stored" ? {} : passwords;
  if (typeof settings !== "object" || settings === null) {
    throw new ConfigError(
      'passwords must be "bind", "stored", or { attribute: "userPassword", defaultScheme: "PLAIN" }.',
      { option: "passwords" },
    );
  }
  checkKeys(settings, ["attribute", "defaultScheme", "allValues"], "passwords");
  for (const [option, why] of NEED_A_BIND) {
    if (options[option] === undefined || options[option] === false) continue;
    throw new ConfigError(`passwords: "stored" can't go with ${option}: ${why}`, { option });
  }
  const attribute = text(settings.attribute, "passwords.attribute") ?? "userPassword";
  if (!isAttributeDescription(attribute)) {
    throw new ConfigError("passwords.attribute must be an attribute's name.", {
      option: "passwords.attribute",
    });
  }
  return {
    attribute,
    defaultScheme: resolveScheme(settings.defaultScheme),
    allValues: flag(settings.allValues, false, "passwords.allValues"),
  };
}

const NEED_A_BIND: readonly (readonly [keyof AuthnzLdapOptions, why: string])[] = [
  [
    "initialBindAsUser",
    "it binds as the visitor before their entry is read, and whoever the directory can't check could not sign in.",
  ],
  [
    "searchAsUser",
    "guards would bind as the visitor, and the directory can't check what only is checked here.",
  ],
  [
    "compareAsUser",
    "guards would bind as the visitor, and the directory can't check what only is checked here.",
  ],
  [
    "passwordChange",
    "the directory would check the old password itself, and store the new one in a scheme of its own.",
  ],
];

function resolveScheme(option: unknown): string | undefined {
  const scheme = text(option, "passwords.defaultScheme");
  if (scheme === undefined || readStoredPassword("", scheme) !== "unknown-scheme") return scheme;
  const hint = hintFor(scheme, Object.keys(SCHEME_DATA));
  throw new ConfigError(`passwords.defaultScheme can't be checked: ${hint}`, {
    option: "passwords.defaultScheme",
  });
}

/** Whoever can read what is sent gets what passwords were made of, and may guess at leisure. */
export function warnOfCleartext({ scheme, hosts }: AuthLdapUrl, log: Log): void {
  if (scheme === "ldapi" || hosts.every(({ host }) => isLoopback(host))) return;
  log({
    level: "warn",
    event: "cleartext-stored-passwords",
    message: "Stored passwords are read from the directory in clear text, as configured.",
    details: { hosts: hosts.map(({ host }) => host).join(" ") },
  });
}

/** The ways to show a password that are offered. */
export function resolveMechanisms(options: Options): readonly Mechanism[] {
  const { mechanisms = ["plain"], scramSecret } = options;
  const option = "mechanisms";
  if (!Array.isArray(mechanisms) || mechanisms.length === 0) {
    throw new ConfigError(`mechanisms must be a list of some of ${MECHANISMS.join(", ")}.`, {
      option,
    });
  }
  const names = mechanisms.map((each: unknown) => oneOf(each, MECHANISMS, option));
  if (new Set(names).size !== names.length) {
    throw new ConfigError("mechanisms names one twice.", { option });
  }
  const answersChallenge = names.find((name) => name !== "plain");
  if (answersChallenge !== undefined) demandStored(answersChallenge, options);
  if (!names.includes("plain") && options.basic === true) {
    throw new ConfigError(
      'basic: true needs "plain" among the mechanisms: HTTP Basic sends the password.',
      { option: "basic" },
    );
  }
  if (scramSecret !== undefined) checkSecret(scramSecret, names);
  return names;
}

const MECHANISMS: readonly Mechanism[] = ["plain", "cram-md5", "scram-sha-256"];

function checkSecret(secret: unknown, mechanisms: readonly Mechanism[]): void {
  const option = "scramSecret";
  if (!mechanisms.includes("scram-sha-256")) {
    throw new ConfigError('scramSecret is for "scram-sha-256", which mechanisms does not name.', {
      option,
    });
  }
  if (typeof secret === "string" && secret.length >= 32) return;
  throw new ConfigError("scramSecret must be at least 32 letters that nobody knows.", { option });
}

function demandStored(mechanism: Mechanism, { passwords = "bind", otherProviders }: Options): void {
  const option = "mechanisms";
  if (passwords === "bind") {
    throw new ConfigError(
      `${mechanism} needs passwords: "stored": a directory can't check by a bind what is no password.`,
      { option },
    );
  }
  if (otherProviders !== undefined && otherProviders.length > 0) {
    throw new ConfigError(
      `${mechanism} can't go with otherProviders: an answer to a challenge is checked against one stored password.`,
      { option },
    );
  }
}
