import { decodeBase64, decodeHex } from "./decode-bytes.ts";
import type { PasswordRefusal } from "./password-check.ts";
import {
  type Encoding,
  inCapitals,
  isSchemeName,
  SCHEME_DATA,
  type SchemeName,
} from "./scheme-data.ts";

/** A stored value, taken apart. */
export interface StoredPassword {
  readonly scheme: SchemeName;
  /** What stands behind `{SCHEME}`, decoded: of a scheme with a fixed size, exactly that many bytes. */
  readonly data: Buffer;
}

/** More than any scheme writes, in characters, so that nothing here takes long. */
const LONGEST_STORED = 4_096;

const SUFFIXES: Readonly<Record<string, Encoding>> = {
  B64: "base64",
  BASE64: "base64",
  HEX: "hex",
};

/**
 * Takes `{SCHEME}data` apart, as Dovecot does: the scheme's name in any letter case, its data in the scheme's own encoding or the one that a suffix names (`.hex`,
 * `.b64`, `.base64`). Without a suffix, data of a scheme with a fixed size is hex if it is that many pairs of digits, else base64. Values without `{SCHEME}` are of
 * `defaultScheme`, except `$1$…`, which is always MD5-CRYPT. Only one scheme is taken off: the rest may begin with a brace. Whatever can't be
 * read is the reason why; so are more than 4,096 characters, a NUL, and U+FFFD, which stands for bytes that nobody knows any more. Never throws.
 */
export function readStoredPassword(
  stored: string,
  defaultScheme?: string,
): StoredPassword | PasswordRefusal {
  if (typeof stored !== "string" || stored.length > LONGEST_STORED) return "malformed";
  if (!stored.isWellFormed() || /[\0\ufffd]/.test(stored)) return "malformed";
  const [, md5Crypt] = /^(\$1\$[^$]*\$[^$]*)/.exec(stored) ?? [];
  if (md5Crypt !== undefined) return { scheme: "MD5-CRYPT", data: Buffer.from(md5Crypt) };
  const end = stored.startsWith("{") ? stored.indexOf("}") : -1;
  if (end > 0) return decode(stored.slice(1, end), stored.slice(end + 1));
  if (typeof defaultScheme !== "string") return "no-scheme";
  return decode(defaultScheme, stored);
}

/** As `{MD5}` needs it, whose data may be of another scheme. */
export function decodeAs(scheme: SchemeName, text: string): StoredPassword | PasswordRefusal {
  const { encoding, size } = SCHEME_DATA[scheme];
  if (size === undefined) return withData(scheme, encoding, text);
  const isHex = text.length === 2 * size && decodeHex(text) !== undefined;
  return withData(scheme, isHex ? "hex" : "base64", text);
}

function decode(name: string, text: string): StoredPassword | PasswordRefusal {
  const dot = name.indexOf(".");
  const scheme = inCapitals(dot < 0 ? name : name.slice(0, dot));
  if (!isSchemeName(scheme)) return "unknown-scheme";
  if (dot < 0) return decodeAs(scheme, text);
  const suffix = inCapitals(name.slice(dot + 1));
  const encoding = Object.hasOwn(SUFFIXES, suffix) ? SUFFIXES[suffix] : undefined;
  return encoding === undefined ? "unknown-scheme" : withData(scheme, encoding, text);
}

function withData(
  scheme: SchemeName,
  encoding: Encoding,
  text: string,
): StoredPassword | PasswordRefusal {
  const data = bytesOf(encoding, text);
  const { size } = SCHEME_DATA[scheme];
  if (data === undefined || (size !== undefined && data.length !== size)) return "malformed";
  return { scheme, data };
}

function bytesOf(encoding: Encoding, text: string): Buffer | undefined {
  if (encoding === "none") return Buffer.from(text);
  return encoding === "hex" ? decodeHex(text) : decodeBase64(text);
}
