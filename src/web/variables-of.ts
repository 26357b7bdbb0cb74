import { type Person, valuesOf } from "../authentication/person.ts";

/** An environment variable as httpd keeps it: the name still with `-` and `;`, which a CGI program sees as `_`. */
export interface Variable {
  readonly name: string;
  readonly value: string;
}

/**
 * The variables that an entry gives: one for each attribute of the URL, all values joined by `"; "`, a missing attribute
 * as empty text, and the same for an attribute with a NUL in some value, where httpd's text would end.
 */
export function variablesOf(
  prefix: string,
  attributes: readonly string[],
  entry: Person,
): readonly Variable[] {
  return attributes.map((attribute) => {
    const values = valuesOf(entry, attribute);
    const hasNul = entry.withNul?.includes(attribute.toLowerCase()) ?? false;
    return { name: prefix + attribute.toUpperCase(), value: hasNul ? "" : values.join("; ") };
  });
}

/** A variable's name as a CGI program sees it: all that is no letter or digit is `_`. */
export function cgiName(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/g, "_");
}
