import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ConfigError } from "../../src/errors.ts";
import { hashPassword, type WrittenScheme } from "../../src/passwords/hash-password.ts";
import { SCHEME_DATA } from "../../src/passwords/scheme-data.ts";
import { verifyPassword } from "../../src/passwords/verify-password.ts";

const PASSWORD = 'pässwörd☃ "{SSHA}$\\';

/** Each scheme, and how its values look. */
const SHAPES: Readonly<Record<WrittenScheme, RegExp>> = {
  ARGON2ID: /^\{ARGON2ID\}\$argon2id\$v=19\$m=65536,t=3,p=1\$/,
  ARGON2: /^\{ARGON2\}\$argon2id\$v=19\$m=65536,t=3,p=1\$/,
  "BLF-CRYPT": /^\{BLF-CRYPT\}\$2y\$12\$/,
  "SHA512-CRYPT": /^\{SHA512-CRYPT\}\$6\$rounds=100000\$/,
  "SHA256-CRYPT": /^\{SHA256-CRYPT\}\$5\$rounds=100000\$/,
  CRYPT: /^\{CRYPT\}\$2y\$12\$/,
  PBKDF2: /^\{PBKDF2\}\$1\$[-_A-Za-z0-9]{16}\$1300000\$[0-9a-f]{40}$/,
  "PBKDF2-SHA256": /^\{PBKDF2-SHA256\}600000\$[./A-Za-z0-9]{22}\$[./A-Za-z0-9]{43}$/,
  "PBKDF2-SHA512": /^\{PBKDF2-SHA512\}210000\$[./A-Za-z0-9]{22}\$[./A-Za-z0-9]{86}$/,
  "SCRAM-SHA-256": /^\{SCRAM-SHA-256\}600000,[+/A-Za-z0-9]{22}==(?:,[+/A-Za-z0-9]{43}=){2}$/,
  "CRAM-MD5": /^\{CRAM-MD5\}[0-9a-f]{64}$/,
  SSHA: /^\{SSHA\}[+/A-Za-z0-9]{48}$/,
  SSHA256: /^\{SSHA256\}[+/A-Za-z0-9]{64}$/,
  SSHA512: /^\{SSHA512\}[+/A-Za-z0-9]{107}=$/,
};
const SCHEMES = Object.keys(SHAPES) as WrittenScheme[];

describe("hashPassword", () => {
  for (const scheme of SCHEMES) {
    it(`writes {${scheme}} that only this password fits, salted anew each time`, async () => {
      const [stored, other] = await Promise.all([
        hashPassword(PASSWORD, scheme),
        hashPassword(PASSWORD, scheme.toLowerCase() as WrittenScheme),
      ]);
      assert.match(stored, SHAPES[scheme]);
      assert.equal(stored === other, scheme === "CRAM-MD5");
      assert.deepEqual(await verifyPassword(PASSWORD, stored), { ok: true });
      assert.deepEqual(await verifyPassword(PASSWORD, other), { ok: true });
      for (const wrong of [`${PASSWORD}x`, PASSWORD.slice(1), ""]) {
        const mismatch = { ok: false, reason: "mismatch" };
        assert.deepEqual(await verifyPassword(wrong, stored), mismatch);
      }
    });
  }

  it("writes Argon2id if nothing else is asked for", async () => {
    assert.match(await hashPassword(PASSWORD), SHAPES.ARGON2ID);
  });

  it("refuses every scheme that is not worth writing, and says why", async () => {
    const refused = Object.keys(SCHEME_DATA).filter((name) => !Object.hasOwn(SHAPES, name));
    assert(refused.includes("PLAIN") && refused.includes("MD5") && refused.includes("SHA"));
    for (const name of refused) {
      await assert.rejects(hashPassword(PASSWORD, name as WrittenScheme), (error) => {
        assert(error instanceof ConfigError);
        assert.equal(error.option, "scheme");
        assert.match(
          error.message,
          new RegExp(`does not write \\{${name}\\}: .+ It writes ARGON2ID, `),
        );
        return true;
      });
    }
  });

  it("refuses an unknown scheme without telling it: it may be the password", async () => {
    for (const odd of [
      "NOPE",
      "",
      "secret",
      "{SSHA}",
      "SSHA.hex",
      "ßha",
      "__proto__",
      null,
      7,
      {},
    ]) {
      await assert.rejects(hashPassword("ARGON2ID", odd as WrittenScheme), (error) => {
        assert(error instanceof ConfigError);
        return (
          /knows no such scheme\. It writes/.test(error.message) && !/secret/i.test(error.message)
        );
      });
    }
  });

  it("refuses a password that nobody could log in with, by any scheme and without telling it", async () => {
    const odd = ["", "secret\0", "secret\ud800", "secret".repeat(700), undefined, null, 7, {}];
    for (const scheme of SCHEMES) {
      for (const password of odd) {
        await assert.rejects(hashPassword(password as string, scheme), (error) => {
          return error instanceof RangeError && !error.message.includes("secret");
        });
      }
    }
  });

  it("refuses a password of which bcrypt would ignore a part", async () => {
    const longest = `${"€".repeat(23)}abc`;
    assert.equal(Buffer.byteLength(longest), 72);
    for (const scheme of ["BLF-CRYPT", "CRYPT"] as const) {
      const stored = await hashPassword(longest, scheme);
      assert.deepEqual(await verifyPassword(longest, stored), { ok: true });
      await assert.rejects(hashPassword(`${longest}d`, scheme), RangeError);
    }
    const stored = await hashPassword(`${longest}d`, "SSHA512");
    assert.equal((await verifyPassword(longest, stored)).ok, false);
  });
});
