import { ConfigError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { AuthnzLdapOptions } from "./authnz-ldap-options.ts";
import { checkKeys, text } from "./check.ts";
import { DIRECTORY_OPTIONS, type OtherProvider } from "./other-provider.ts";
import { type LdapSettings, resolveLdap } from "./resolve-ldap.ts";

/** A further source of people, checked. */
export type OtherSettings =
  | { readonly kind: "file"; readonly name: string; readonly file: string }
  | { readonly kind: "directory"; readonly name: string; readonly ldap: LdapSettings };

/** Throws a `ConfigError` for what `passwordFile` and `otherDirectory` did not make, and for two of one name. */
export function resolveOtherProviders(
  option: AuthnzLdapOptions["otherProviders"],
  log: Log,
): readonly OtherSettings[] {
  if (option === undefined) return [];
  if (!Array.isArray(option)) throw wrong();
  const others = option.map((each: OtherProvider) => resolveOne(each, log));
  const names = new Set(others.map(({ name }) => name));
  if (names.size === others.length && !names.has(FIRST)) return others;
  throw new ConfigError(`otherProviders need names of their own, other than ${FIRST}.`, {
    option: "otherProviders",
  });
}

/** What the directory of the options themselves is called. */
export const FIRST = "ldap";

function resolveOne(provider: OtherProvider, log: Log): OtherSettings {
  if (typeof provider !== "object" || provider === null) throw wrong();
  const name = text(provider.name, "otherProviders.name");
  if (name === undefined) throw wrong();
  if (provider.kind === "file") {
    checkKeys(provider, ["kind", "name", "file"], "otherProviders");
    const file = text(provider.file, "otherProviders.file");
    if (file !== undefined) return { kind: "file", name, file };
  }
  if (provider.kind === "directory") {
    checkKeys(provider, ["kind", "name", "options"], "otherProviders");
    checkKeys(provider.options, DIRECTORY_OPTIONS, "otherProviders.options");
    return { kind: "directory", name, ldap: resolveLdap(provider.options, log) };
  }
  throw wrong();
}

function wrong(): ConfigError {
  return new ConfigError(
    'otherProviders must be a list of passwordFile({ file: "…" }) and otherDirectory({ url: "…" }).',
    { option: "otherProviders" },
  );
}
