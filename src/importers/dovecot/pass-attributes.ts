import { isAttributeDescription } from "../../ldap/attribute-description.ts";
import { configErrorAt } from "./config-error-at.ts";
import type { Notes } from "./notes.ts";
import type { Setting } from "./setting.ts";

/** What pass_attrs reads of an entry. */
export interface PassAttributes {
  /** The attribute of the stored password. */
  readonly password?: string;
  /** The attribute that people are called by from then on. */
  readonly user?: string;
}

/**
 * Reads `ldapAttribute=field` and `=field=%{ldap:ldapAttribute}`, separated by commas. Throws a `ConfigError` for what could refuse or let in somebody
 * (allow_nets, nopassword, …) or gives them another name than one attribute's; what is for Dovecot's own use only is noted.
 */
export function passAttributesOf(setting: Setting, isBind: boolean, notes: Notes): PassAttributes {
  const found: { password?: string; user?: string } = {};
  for (const item of setting.value.split(",").map((each) => each.replace(/^ +/, ""))) {
    if (item === "") continue;
    const field = fieldOf(item);
    if (field === undefined)
      throw configErrorAt(setting, "it has an entry that is no attribute=field");
    const { name, attribute } = field;
    if (name === "!" || HARMLESS.test(name)) {
      notes.add(setting, `${nameOf(field)} is for Dovecot only`);
    } else if (name === "password" && isBind) {
      if (setting.line > 0) notes.add(setting, "the directory checks passwords: none is read");
    } else if (name !== "password" && name !== "user") {
      throw configErrorAt(setting, `the field ${nameOf(field)} is not carried`);
    } else if (attribute === undefined) {
      throw configErrorAt(setting, `the field ${name} must be one attribute as it is`);
    } else if (found[name] !== undefined) {
      throw configErrorAt(setting, `the field ${name} stands there twice`);
    } else {
      found[name] = attribute;
    }
  }
  if (!isBind && found.password === undefined) {
    throw configErrorAt(setting, "no attribute is the password: nobody could sign in");
  }
  return found;
}

/** Where mail is and how long an answer takes: nothing that says who may sign in. */
const HARMLESS = /^(?:userdb_(?:uid|gid|home|mail|mail_[a-z_]+|quota_[a-z_]+|acl_groups)|nodelay)$/;

interface Field {
  readonly name: string;
  /** Undefined where it is not one attribute's value as it is. */
  readonly attribute?: string;
}

function fieldOf(item: string): Field | undefined {
  if (item.startsWith("@")) return undefined;
  if (item.startsWith("!")) return item.includes("=") ? undefined : { name: "!" };
  const [attribute = "", name = attribute, ...template] = item.split("=");
  if (!/^[\w:.-]+$/.test(name)) return undefined;
  const value = template.length === 0 ? undefined : template.join("=");
  const read = attribute === "" ? readBy(value) : isAsIs(value) ? attribute : undefined;
  return read !== undefined && isAttributeDescription(read) ? { name, attribute: read } : { name };
}

/** `%$` is the value. */
function isAsIs(template: string | undefined): boolean {
  return template === undefined || template === "" || template === "%$";
}

function readBy(template: string | undefined): string | undefined {
  return /^%\{ldap:([^:{}@]+)\}$/.exec(template ?? "")?.[1];
}

function nameOf({ name }: Field): string {
  return /^[a-z_:]{1,40}$/.test(name) ? name : "of that name";
}
