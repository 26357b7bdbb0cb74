import type { AuthnzLdapOptions } from "./authnz-ldap-options.ts";
import { checkKeys } from "./check.ts";

/** A further source of people, made by `passwordFile` or `otherDirectory`: plain data. */
export type OtherProvider =
  | { readonly kind: "file"; readonly name: string; readonly file: string }
  | {
      readonly kind: "directory";
      readonly name: string;
      readonly options: OtherDirectoryOptions;
    };

/** What may be said of another directory: the same options as of the first, which `timeout` and all that is about the web belong to. */
export type OtherDirectoryOptions = Pick<
  AuthnzLdapOptions,
  | "url"
  | "bindDn"
  | "bindPassword"
  | "tls"
  | "dereferenceAliases"
  | "referrals"
  | "bindAuthoritative"
  | "initialBindAsUser"
  | "accountState"
  | "passwords"
>;

/**
 * Takes people from an htpasswd file too (AuthUserFile; docs/options.md says which hashes it may hold). Somebody of a file has no entry: guards
 * that ask a directory refuse them. `name` tells it from other providers. Default: `"file"`. Throws a `ConfigError` for anything else in the options.
 */
export function passwordFile(options: {
  readonly file: string;
  readonly name?: string;
}): OtherProvider {
  checkKeys(options, ["file", "name"], "passwordFile");
  const { file, name = "file" } = options;
  return { kind: "file", name, file };
}

/**
 * Takes people from another directory too, found as its URL says. They show the attributes that the first directory's URL lists. `name` tells it from
 * other providers. Default: `"other"`. Throws a `ConfigError` for anything else in the options.
 */
export function otherDirectory(
  options: OtherDirectoryOptions & { readonly name?: string },
): OtherProvider {
  checkKeys(options, ["name", ...DIRECTORY_OPTIONS], "otherDirectory");
  const { name = "other", ...rest } = options;
  return { kind: "directory", name, options: rest };
}

/** What `otherDirectory` takes besides its name. */
export const DIRECTORY_OPTIONS: readonly string[] = [
  ...["url", "bindDn", "bindPassword", "tls", "dereferenceAliases", "referrals"],
  ...["bindAuthoritative", "initialBindAsUser", "accountState", "passwords"],
];
