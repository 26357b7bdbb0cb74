import { pbkdf2Sync } from "node:crypto";
import { hash as bcrypt } from "bcryptjs";
import { argon2i, argon2id } from "hash-wasm";
import desCrypt from "unix-crypt-td-js";
import type { Hashing } from "./hashing.ts";
import { md5Crypt } from "./md5-crypt.ts";
import { shaCrypt } from "./sha-crypt.ts";
import { unpadded } from "./unpadded.ts";

/**
 * Computes what a stored value says, in the letters that it has for it: bcrypt's, DES' and MD5's whole, of SHA-crypt and Argon2 what stands behind
 * the last `$`; PBKDF2's in hexadecimal digits. Takes as long as the recipe wants: only for a thread of its own, and only recipes that `readCrypt` has let pass.
 */
export async function computeHash(hashing: Hashing): Promise<string> {
  const { password } = hashing;
  switch (hashing.algorithm) {
    case "bcrypt":
      return bcrypt(password, hashing.setting);
    case "des":
      // One letter per byte is what it takes.
      return desCrypt(Buffer.from(password).toString("latin1"), hashing.salt);
    case "md5":
      return md5Crypt(password, hashing.salt, hashing.magic);
    case "sha":
      return shaCrypt(password, hashing.salt, hashing.magic, hashing.rounds);
    case "pbkdf2": {
      const { salt, iterations, size, digest } = hashing;
      return pbkdf2Sync(password, salt, iterations, size, digest).toString("hex");
    }
    case "argon2": {
      const hash = await (hashing.type === "i" ? argon2i : argon2id)({
        password,
        salt: hashing.salt,
        iterations: hashing.iterations,
        memorySize: hashing.memory,
        parallelism: hashing.parallelism,
        hashLength: hashing.size,
        outputType: "binary",
      });
      return unpadded(hash);
    }
  }
}
