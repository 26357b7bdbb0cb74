import { configErrorAt } from "./config-error-at.ts";
import type { Notes } from "./notes.ts";
import { SETTINGS } from "./setting-table.ts";
import { flagOf, type Settings, settingOf } from "./settings.ts";

/**
 * Notes what has no effect here, and throws a `ConfigError` for what Dovecot can and this can't: SASL binds, LDAPv2, and a configuration of the LDAP library
 * in another file.
 */
export function checkSettings(all: Settings, notes: Notes): void {
  for (const setting of all.repeated) notes.add(setting, "a later line has another value");
  for (const [name, setting] of all.settings) {
    const { skipped } = SETTINGS[name];
    if (skipped !== undefined) notes.add(setting, skipped);
  }
  if (flagOf(all, "sasl_bind")) {
    throw configErrorAt(
      settingOf(all, "sasl_bind"),
      "the service account binds with dn and dnpass",
    );
  }
  const version = settingOf(all, "ldap_version");
  if (version.value !== "3") throw configErrorAt(version, "only version 3 of LDAP is spoken");
  const ldaprc = settingOf(all, "ldaprc_path");
  if (ldaprc.value !== "") {
    throw configErrorAt(ldaprc, "no other file is read: say here what it says");
  }
}
