import { createHash } from "node:crypto";
import { md4 } from "hash-wasm";
import { isSame } from "./same-bytes.ts";
import { MALFORMED, madeAgain, type SchemeCheck, verdict } from "./scheme-check.ts";

/** What node:crypto can hash with everywhere: MD4 is not among it. */
export type DigestAlgorithm = "md5" | "sha1" | "sha256" | "sha512";

/** {PLAIN-MD5}, {SHA}, …: the digest of the password. */
export function checkDigest(algorithm: DigestAlgorithm): SchemeCheck {
  return madeAgain((password) => createHash(algorithm).update(password).digest());
}

/** {PLAIN-MD4}. */
export const checkMd4: SchemeCheck = madeAgain(async (password) =>
  Buffer.from(await md4(password), "hex"),
);

/** {DIGEST-MD5} (RFC 2831): the name in front of the password, parted at its last `@`. */
export const checkDigestMd5: SchemeCheck = madeAgain((password, { username }) => {
  const [, user = username, realm = ""] = /^(.*)@([^@]*)$/s.exec(username) ?? [];
  return createHash("md5").update(`${user}:${realm}:${password}`).digest();
});

/** {SMD5}, {SSHA}, …: the digest of the password and a salt, and then that salt, which may have any length but none. */
export function checkSaltedDigest(algorithm: DigestAlgorithm, size: number): SchemeCheck {
  return (password, data) => {
    if (data.length <= size) return MALFORMED;
    const salt = data.subarray(size);
    const digest = createHash(algorithm).update(password).update(salt).digest();
    return verdict(isSame(digest, data.subarray(0, size)));
  };
}
