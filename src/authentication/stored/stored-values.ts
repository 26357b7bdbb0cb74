import { randomBytes } from "node:crypto";
import type { Entry } from "../../ldap/entry.ts";
import { isPlainText } from "../../passwords/plain-text.ts";
import { readStoredPassword } from "../../passwords/stored-password.ts";

/** Where passwords are stored, and what of it counts. */
export interface StoredPasswordSettings {
  readonly attribute: string;
  /** The scheme of values without `{SCHEME}`; undefined: these let nobody in. */
  readonly defaultScheme: string | undefined;
  /** Whether any of several values will do, as with a bind, and not the first one only, as in Dovecot. */
  readonly allValues: boolean;
}

/** The values of an entry. */
export interface StoredValues {
  /** Those that count, each with its `{SCHEME}` if it has one or is given one. */
  readonly values: readonly string[];
  /** How many more there are. */
  readonly ignored: number;
}

/** More are ballast, and each of them may take long. */
const MOST_VALUES = 8;

/** What an entry says of its password. Bytes that are not UTF-8 are no text that a scheme writes: they let nobody in. */
export function storedValues(
  entry: Entry,
  { attribute, defaultScheme, allValues }: StoredPasswordSettings,
): StoredValues {
  const all = entry.attributes.get(attribute.toLowerCase()) ?? [];
  const counted = all.slice(0, allValues ? MOST_VALUES : 1);
  const values = counted.map((value) =>
    typeof value === "string" ? withScheme(value, defaultScheme) : NOT_TEXT,
  );
  return { values, ignored: all.length - counted.length };
}

/** Values that take as long to check as these: the same, but for passwords in plain text, which are kept by nobody. */
export function asDecoys(values: readonly string[]): readonly string[] {
  return values.map((value) => {
    const read = readStoredPassword(value);
    if (typeof read === "string" || !isPlainText(read.scheme)) return value;
    return `{PLAIN}${randomBytes(12).toString("base64")}`;
  });
}

/** A scheme with nothing behind it, which is malformed. */
const NOT_TEXT = "{SSHA}";

function withScheme(value: string, defaultScheme: string | undefined): string {
  const needsOne = defaultScheme !== undefined && readStoredPassword(value) === "no-scheme";
  return needsOne ? `{${defaultScheme}}${value}` : value;
}
