import type { PasswordCheck, PasswordRefusal } from "./password-check.ts";
import { derivePbkdf2, type Pbkdf2Recipe } from "./pbkdf2.ts";
import { isSame } from "./same-bytes.ts";
import { type SchemeCheck, verdict } from "./scheme-check.ts";

type Digest = Pbkdf2Recipe["digest"];

interface Pbkdf2Value extends Pbkdf2Recipe {
  readonly key: Buffer;
}

/** Bytes of OpenLDAP's keys: of the digest. */
const SIZE: Readonly<Record<Digest, number>> = { sha1: 20, sha256: 32, sha512: 64 };

/** {PBKDF2}: Dovecot's, which begins with `$1$`, or else OpenLDAP's with SHA-1. */
export const checkPbkdf2: SchemeCheck = (password, data, settings) => {
  const text = data.toString("latin1");
  const value = text.startsWith("$1$") ? readDovecots(text) : readOpenLdaps(text, "sha1");
  return check(password, value, settings.timeout);
};

/** OpenLDAP's {PBKDF2-SHA1}, {PBKDF2-SHA256} and {PBKDF2-SHA512} (contrib/slapd-modules/passwd/pbkdf2). */
export function checkOpenLdapPbkdf2(digest: Digest): SchemeCheck {
  return (password, data, settings) =>
    check(password, readOpenLdaps(data.toString("latin1"), digest), settings.timeout);
}

/** `$1$salt$iterations$key`: the salt is the text itself, the key hexadecimal digits. */
function readDovecots(text: string): Pbkdf2Value | undefined {
  const [, salt, iterations, key] =
    /^\$1\$([^$]*)\$([0-9]{1,10})\$([0-9A-Fa-f]{40})$/.exec(text) ?? [];
  if (salt === undefined || key === undefined) return undefined;
  return {
    digest: "sha1",
    salt: Buffer.from(salt, "latin1"),
    iterations: Number(iterations),
    size: SIZE.sha1,
    key: Buffer.from(key, "hex"),
  };
}

/** `iterations$salt$key`, in base64 with `.` for `+`, and without padding. */
function readOpenLdaps(text: string, digest: Digest): Pbkdf2Value | undefined {
  const [, iterations, salt, key] =
    /^([0-9]{1,10})\$([./A-Za-z0-9]+)\$([./A-Za-z0-9]+)$/.exec(text) ?? [];
  if (salt === undefined || key === undefined) return undefined;
  const value = {
    digest,
    salt: fromAdaptedBase64(salt),
    iterations: Number(iterations),
    size: SIZE[digest],
    key: fromAdaptedBase64(key),
  };
  return value.key.length === value.size ? value : undefined;
}

/** What `fromAdaptedBase64` reads: base64 with `.` for `+`, and without padding. */
export function toAdaptedBase64(bytes: Buffer): string {
  return bytes.toString("base64").replaceAll("+", ".").replace(/=+$/, "");
}

function fromAdaptedBase64(text: string): Buffer {
  return Buffer.from(text.replaceAll(".", "+"), "base64");
}

async function check(
  password: string,
  value: Pbkdf2Value | undefined,
  timeout: number,
): Promise<PasswordCheck> {
  if (value === undefined) return refused("malformed");
  const { key, ...recipe } = value;
  const derived = await derivePbkdf2(password, recipe, timeout);
  return typeof derived === "string" ? refused(derived) : verdict(isSame(derived, key));
}

function refused(reason: PasswordRefusal): PasswordCheck {
  return { ok: false, reason };
}
