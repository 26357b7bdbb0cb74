import { createHash } from "node:crypto";
import { openLru } from "../../lru.ts";
import type { PasswordRefusal } from "../../passwords/password-check.ts";
import { isSame } from "../../passwords/same-bytes.ts";
import { type ScramKeys, scramKeys } from "../../passwords/scram.ts";

/** Are these the keys of the empty password? Why not, where that can't be said within `timeout` milliseconds. Never rejects. */
export type IsOfEmptyPassword = (
  keys: ScramKeys,
  timeout?: number,
) => Promise<boolean | PasswordRefusal>;

/** The most keys that are remembered. */
const MOST = 10_000;

/**
 * Nobody's password is empty, which keys alone don't tell. To find out takes as long as to hash a password, which SCRAM spares a server: once for the same keys
 * is enough.
 */
export function rememberEmptyPasswords(): IsOfEmptyPassword {
  const known = openLru<boolean>(MOST);
  return async (keys, timeout) => {
    const { salt, iterations, storedKey } = keys;
    const name = createHash("sha256").update(`${iterations} ${salt.length} `);
    const key = name.update(salt).update(storedKey).digest("base64");
    const before = known.get(key);
    if (before !== undefined) return before;
    const empty = await scramKeys("", salt, iterations, "sha256", timeout);
    if (typeof empty === "string") return empty;
    const isEmpty = isSame(empty.storedKey, storedKey);
    known.set(key, isEmpty);
    return isEmpty;
  };
}
