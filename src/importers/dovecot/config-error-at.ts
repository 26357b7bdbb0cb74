import { ConfigError } from "../../errors.ts";
import type { Setting } from "./setting.ts";

/**
 * An error that names file, line and setting: `dovecot-ldap.conf.ext:12: pass_filter: …`. What the setting was given is never part of it,
 * as it could be a password; `message` must not quote that either.
 */
export function configErrorAt(
  { name, line, file = "dovecot-ldap.conf.ext" }: Omit<Setting, "value">,
  message: string,
  cause?: unknown,
): ConfigError {
  const where = line === 0 ? file : `${file}:${line}`;
  return new ConfigError(`${where}: ${name}: ${message}`, {
    option: line === 0 ? `dovecot:${name}` : `dovecot:${line}`,
    ...(cause === undefined ? {} : { cause }),
  });
}
