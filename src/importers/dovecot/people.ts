import { parseDn } from "../../ldap/dn.ts";
import type { Filter } from "../../ldap/filter.ts";
import type { AuthnzLdapOptions } from "../../options/authnz-ldap-options.ts";
import { readStoredPassword } from "../../passwords/stored-password.ts";
import { bindAsUserOf } from "./bind-as-user.ts";
import { configErrorAt } from "./config-error-at.ts";
import { type NameFilter, readNameFilter } from "./name-filter.ts";
import type { Notes } from "./notes.ts";
import { passAttributesOf } from "./pass-attributes.ts";
import { peopleFilter, type UserFilterUse } from "./people-filter.ts";
import type { Setting } from "./setting.ts";
import { flagOf, type Settings, settingOf, wordOf, writtenOf } from "./settings.ts";
import { plainText } from "./template.ts";

/** Where people are looked for, and how their passwords are checked. */
export interface People {
  readonly base: string;
  readonly scope: "one" | "sub";
  /** What the name is compared with. */
  readonly attribute: string;
  /** What else must hold of an entry. */
  readonly filter: Filter | undefined;
  /** What they are called by, where that is another attribute or another spelling of the name. */
  readonly userAttribute?: string;
  readonly options: Partial<AuthnzLdapOptions>;
}

/** How Dovecot checks people: by stored passwords, by a bind as the entry that is found, or by a bind as whom the name says. */
export function peopleOf(all: Settings, use: UserFilterUse, notes: Notes): People {
  const base = baseOf(all);
  const userDn = writtenOf(all, "auth_bind_userdn");
  const isBind = flagOf(all, "auth_bind");
  if (userDn && isBind) return boundByName(all, userDn, use, notes);
  if (userDn) notes.add(userDn, "it is of use with auth_bind only");

  const passFilter = settingOf(all, "pass_filter");
  const named = readNameFilter(passFilter);
  const found = passAttributesOf(settingOf(all, "pass_attrs"), isBind, notes);
  const scheme = writtenOf(all, "default_pass_scheme");
  if (isBind && scheme) notes.add(scheme, "the directory checks passwords");
  return {
    base,
    scope: scopeOf(all),
    attribute: named.attribute,
    filter: filterOf(all, named, passFilter, use, notes),
    ...(found.user !== undefined && { userAttribute: found.user }),
    options: {
      passwords: isBind
        ? "bind"
        : { attribute: found.password ?? "userPassword", defaultScheme: schemeOf(all) },
    },
  };
}

/** Here Dovecot searches for nobody: neither pass_filter nor pass_attrs counts, and the name stays as it was typed. */
function boundByName(all: Settings, userDn: Setting, use: UserFilterUse, notes: Notes): People {
  const { attribute, part, base, initialBindAsUser } = bindAsUserOf(userDn);
  for (const name of [
    "base",
    "scope",
    "pass_filter",
    "pass_attrs",
    "default_pass_scheme",
  ] as const) {
    const setting = writtenOf(all, name);
    if (setting) notes.add(setting, "auth_bind_userdn says who it is");
  }
  return {
    base,
    scope: "one",
    attribute,
    filter: filterOf(all, { attribute, part, others: [] }, userDn, use, notes),
    options: { passwords: "bind", initialBindAsUser },
  };
}

function filterOf(
  all: Settings,
  named: NameFilter,
  setting: Setting,
  use: UserFilterUse,
  notes: Notes,
): Filter | undefined {
  if (named.part === "username") notes.add(setting, NO_DOMAIN);
  return peopleFilter(all, named, use, notes);
}

const NO_DOMAIN =
  "%n is what stands before an @: here a name that has one is refused, so people sign in without @domain";

function baseOf(all: Settings): string {
  const setting = writtenOf(all, "base");
  if (setting === undefined) throw configErrorAt(settingOf(all, "base"), "No base given");
  const base = plainText(setting.value);
  if (base === undefined) throw configErrorAt(setting, "a base with variables is not carried");
  if (parseDn(base) !== undefined) return base;
  throw configErrorAt(setting, "it is no DN such as ou=people,dc=example,dc=org");
}

function scopeOf(all: Settings): "one" | "sub" {
  const scope = wordOf(all, "scope", ["base", "onelevel", "subtree"]);
  if (scope !== "base") return scope === "onelevel" ? "one" : "sub";
  throw configErrorAt(settingOf(all, "scope"), "an AuthLDAPURL has onelevel and subtree only");
}

function schemeOf(all: Settings): string {
  const setting = settingOf(all, "default_pass_scheme");
  if (readStoredPassword("", setting.value) !== "unknown-scheme") return setting.value;
  throw configErrorAt(setting, "passwords of this scheme can't be checked");
}
