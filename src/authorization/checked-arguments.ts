import { ConfigError } from "../errors.ts";
import { isAttributeDescription } from "../ldap/attribute-description.ts";
import { normalizeDn } from "../ldap/dn.ts";

/** The texts, if there is at least one and none is empty. */
export function someTexts(
  texts: readonly string[],
  guard: string,
  what: string,
): readonly string[] {
  const good = (text: unknown) => typeof text === "string" && text !== "";
  if (!Array.isArray(texts) || texts.length === 0 || !texts.every(good)) {
    throw new ConfigError(`${guard} needs ${what}: one or more strings, none of them empty.`);
  }
  return [...texts];
}

/** The DNs, if there is at least one and each can be parsed. */
export function someDns(dns: readonly string[], guard: string): readonly string[] {
  for (const dn of someTexts(dns, guard, "DNs")) {
    if (!normalizeDn(dn))
      throw new ConfigError(
        `${guard}: not a DN: ${JSON.stringify(dn)}; one is "cn=admins,dc=example,dc=org".`,
      );
  }
  return [...dns];
}

/** The attribute's name, options included, if it is one. */
export function attributeName(name: string, where: string): string {
  if (typeof name !== "string" || !isAttributeDescription(name)) {
    const message = `${where} needs the name of an attribute, such as "MyWebAccess".`;
    throw new ConfigError(message, { option: where });
  }
  return name;
}

/** HTTP methods, in capital letters as they are sent; GET means HEAD too, as in httpd. */
export function methodSet(methods: readonly string[]): ReadonlySet<string> {
  const wrong = methods.find((method) => !/^[A-Z][A-Z-]*$/.test(method));
  if (wrong !== undefined) {
    throw new ConfigError(`Not a method: ${JSON.stringify(wrong)}; one is "GET".`);
  }
  return new Set(methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])));
}
