import { isAttributeDescription } from "../../ldap/attribute-description.ts";
import { parseDn } from "../../ldap/dn.ts";
import type { AuthnzLdapOptions } from "../../options/authnz-ldap-options.ts";
import { configErrorAt } from "./config-error-at.ts";
import type { Setting } from "./setting.ts";
import { type NamePart, readTemplate } from "./template.ts";

/** An auth_bind_userdn: as whom a name binds, and where the entry stands that it binds as. */
export interface BindAsUser {
  readonly initialBindAsUser: NonNullable<AuthnzLdapOptions["initialBindAsUser"]>;
  readonly attribute: string;
  readonly part: NamePart;
  /** The entry is right below. */
  readonly base: string;
}

/**
 * Reads `uid=%u,ou=people,dc=example`. Throws a `ConfigError` for any other form: whom a name binds as must be the entry that is then
 * found for it.
 */
export function bindAsUserOf(setting: Setting): BindAsUser {
  const [type, name, rest, ...more] = readTemplate(setting.value);
  const attribute = type?.type === "text" ? /^ *([^ =]+) *= *$/.exec(type.text)?.[1] : undefined;
  const base = rest?.type === "text" ? /^ *, *(.+)$/s.exec(rest.text)?.[1] : undefined;
  if (
    attribute === undefined ||
    !isAttributeDescription(attribute) ||
    name?.type !== "name" ||
    name.isLowerCase ||
    base === undefined ||
    more.length > 0 ||
    !parseDn(base)?.length ||
    /\$\d/.test(base)
  ) {
    throw configErrorAt(setting, "only a DN such as uid=%u,ou=people,dc=example,dc=org is carried");
  }
  return {
    // Every name has a match: one without would be bound as it is.
    initialBindAsUser: { pattern: /^.*$/s, dn: `${attribute}=$0,${base}` },
    attribute,
    part: name.part,
    base,
  };
}
