import { ConfigError } from "../../errors.ts";
import type { Directive } from "./directive.ts";

/**
 * An error that names file, line and directive: `httpd.conf:12: AuthLDAPURL: …`. What the directive was given is never part of it,
 * as it could be a password; `message` must not quote that either.
 */
export function configErrorAt(
  directive: Pick<Directive, "name" | "line" | "file" | "children">,
  message: string,
  cause?: unknown,
): ConfigError {
  const { name, line, file = "httpd.conf", children } = directive;
  const shown = children ? `<${name}>` : name;
  return new ConfigError(`${file}:${line}: ${shown}: ${message}`, {
    option: `apache:${line}`,
    ...(cause === undefined ? {} : { cause }),
  });
}
