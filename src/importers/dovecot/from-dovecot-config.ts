import { ConfigError } from "../../errors.ts";
import { isAttributeDescription } from "../../ldap/attribute-description.ts";
import { ANY_ENTRY } from "../../ldap/auth-ldap-url.ts";
import { formatAuthLdapUrl } from "../../ldap/format-auth-ldap-url.ts";
import type { AuthnzLdapOptions } from "../../options/authnz-ldap-options.ts";
import { checkKeys, oneOf } from "../../options/check.ts";
import { checkSettings } from "./check-settings.ts";
import { createNotes } from "./notes.ts";
import { type People, peopleOf } from "./people.ts";
import type { UserFilterUse } from "./people-filter.ts";
import { readSettings } from "./read-settings.ts";
import { serversOf } from "./servers.ts";
import { serviceAccountOf } from "./service-account.ts";
import type { DovecotNote } from "./setting.ts";
import { wordOf } from "./settings.ts";
import { transportOf } from "./transport.ts";

/** What `fromDovecotConfig` can't know from the text. */
export interface DovecotConfigOptions {
  /** The file's name, for messages. Default: `"dovecot-ldap.conf.ext"`. */
  readonly file?: string;
  /** More attributes that the application gets to see, such as `mail`. Default: none. */
  readonly attributes?: readonly string[];
  /**
   * Whether people must match `user_filter` as well: `"require"` where dovecot.conf has this file as its userdb too, `"ignore"` where its userdb is another
   * one. Default: a text whose `user_filter` demands more than its `pass_filter` is refused.
   */
  readonly userFilter?: UserFilterUse;
  /** Is told of each setting that is left out or not carried to the letter, and why. Default: nobody. */
  readonly onNote?: (note: DovecotNote) => void;
}

/**
 * Turns the text of a dovecot-ldap.conf.ext (Dovecot 2.3) into options: `authnzLdap({ ...fromDovecotConfig(text), … })`. Whoever they let in, Dovecot
 * would let in too; what it asks beyond this file (`auth_username_chars`, other passdbs) is not known here. The options hold `dnpass`. Throws a
 * `ConfigError` that names the line of what can't be carried; see docs/coming-from-postfix-and-dovecot.md.
 */
export function fromDovecotConfig(
  text: string,
  options: DovecotConfigOptions = {},
): AuthnzLdapOptions {
  checkKeys(options, ["file", "attributes", "userFilter", "onNote"]);
  const { file, attributes = [], onNote } = options;
  const userFilter =
    options.userFilter && oneOf(options.userFilter, ["require", "ignore"], "userFilter");
  const all = readSettings(text, file);
  const notes = createNotes();
  checkSettings(all, notes);
  const servers = serversOf(all, notes);
  const tls = transportOf(all, servers, notes);
  const account = serviceAccountOf(all);
  const people = peopleOf(all, userFilter, notes);
  const listed = attributesOf(people, attributes);
  const { userAttribute, base, scope, filter = ANY_ENTRY } = people;
  const remoteUser = listed.find((each) => each.toLowerCase() === userAttribute?.toLowerCase());
  const url = { base, scope, filter, attributes: listed, loginAttribute: people.attribute };
  const carried: AuthnzLdapOptions = {
    url: formatAuthLdapUrl({ ...servers, ...url, warnings: [] }),
    ...account,
    ...(tls !== undefined && { tls }),
    dereferenceAliases: wordOf(all, "deref", ["never", "searching", "finding", "always"]),
    ...(remoteUser !== undefined && { remoteUser: { attribute: remoteUser } }),
    ...people.options,
  };
  for (const note of notes.list) onNote?.(note);
  return carried;
}

/** The attributes once each, whatever the letter case, the login's first. */
function attributesOf(people: People, more: readonly string[]): readonly string[] {
  if (!Array.isArray(more) || !more.every((each) => isAttributeDescription(String(each)))) {
    throw new ConfigError("attributes must be a list of attributes' names.", {
      option: "attributes",
    });
  }
  const { attribute, userAttribute = attribute } = people;
  const byName = new Map<string, string>();
  for (const each of [attribute, userAttribute, ...more]) {
    if (!byName.has(each.toLowerCase())) byName.set(each.toLowerCase(), each);
  }
  return [...byName.values()];
}
