import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { verifyPassword } from "../../src/authentication/passwords/verify-password.ts";

const digest = (algorithm: string, ...parts: readonly string[]): string => {
  const hash = createHash(algorithm);
  for (const part of parts) hash.update(part);
  return Buffer.concat([hash.digest(), Buffer.from(parts[1] ?? "")]).toString("base64");
};

// The first three are of the tests' tree, where slapd accepts them; the rest is made as RFC 2307 describes.
const RIGHT: readonly (readonly [stored: string, password: string])[] = [
  ["{SSHA}fvevPd8vxtoCZBJpDdXGuxaqxxuP31MgkzTkPQ==", "alice-pw"],
  ["{SSHA}aS5EPDU43VkT01L9KiWPC5+k7jQZFKiKQolx6w==", "pässwörd€"],
  ["{SSHA}Pv9lOwWuWxJU0Nx7QvpCDT2r7KW2F3uFMHBsMA==", " "],
  [`{SHA}${digest("sha1", "secret")}`, "secret"],
  [`{MD5}${digest("md5", "secret")}`, "secret"],
  [`{SMD5}${digest("md5", "secret", "salt")}`, "secret"],
  [`{SSHA}${digest("sha1", "secret", "a salt of any length")}`, "secret"],
  [`{ssha}${digest("sha1", "secret", "salt")}`, "secret"],
  ["{CLEARTEXT}secret", "secret"],
  ["{PLAIN}{SHA}x", "{SHA}x"],
  ["secret", "secret"],
  ["sec}r{et", "sec}r{et"],
];

describe("verifyPassword", () => {
  for (const [stored, password] of RIGHT) {
    it(`accepts the password of ${stored}, and no other`, () => {
      assert.equal(verifyPassword(stored, password), true);
      assert.equal(verifyPassword(Buffer.from(stored), Buffer.from(password)), true);
      for (const wrong of [`${password}x`, `x${password}`, "", `${password}\0`, stored]) {
        if (wrong !== password) assert.equal(verifyPassword(stored, wrong), wrong === password);
      }
    });
  }

  it("refuses schemes that it does not know, whatever is given", () => {
    for (const stored of ["{CRYPT}x", "{SSHA512}x", "{NONSENSE}secret", "{}x", "{__proto__}x"]) {
      for (const given of ["", "x", "secret", stored]) {
        const isPlain = stored.startsWith("{}") && given === stored;
        assert.equal(verifyPassword(stored, given), isPlain, `${stored} ${given}`);
      }
    }
  });

  it("refuses damaged values", () => {
    const sha = digest("sha1", "secret");
    const damaged = [
      "{SSHA}",
      `{SSHA}${sha}`,
      `{SHA}${sha.slice(0, -4)}`,
      `{SHA}${sha}AAAA`,
      `{SHA} ${sha}`,
      `{SHA}${sha}\n`,
      "{SHA}!!!!",
      `{MD5}${sha}`,
      `{SMD5}${digest("md5", "secret")}`,
    ];
    for (const stored of damaged) assert.equal(verifyPassword(stored, "secret"), false, stored);
  });

  it("does not take an empty stored password for a match of anything else", () => {
    assert.equal(verifyPassword("", "x"), false);
    assert.equal(verifyPassword("{CLEARTEXT}", "x"), false);
  });
});
