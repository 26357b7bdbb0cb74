import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { md5Crypt } from "../../src/passwords/crypt/md5-crypt.ts";
import { hashAsSlapd, slapdAccepts } from "../../src/passwords/slapd-password.ts";

const digest = (algorithm: string, ...parts: readonly string[]): string => {
  const hash = createHash(algorithm);
  for (const part of parts) hash.update(part);
  return Buffer.concat([hash.digest(), Buffer.from(parts[1] ?? "")]).toString("base64");
};

const nsMtaMd5 = (password: string): string => {
  const salt = "0123456789abcdef0123456789abcdef";
  const hash = createHash("md5")
    .update(`${salt}\x59${password}`)
    .update(Buffer.from([0xf7]));
  return `{NS-MTA-MD5}${hash.update(salt).digest("hex")}${salt}`;
};

// The first three are of the tests' tree, where slapd accepts them; the rest is made as RFC 2307 and OpenLDAP's modules describe.
const RIGHT: readonly (readonly [stored: string, password: string])[] = [
  ["{SSHA}fvevPd8vxtoCZBJpDdXGuxaqxxuP31MgkzTkPQ==", "alice-pw"],
  ["{SSHA}aS5EPDU43VkT01L9KiWPC5+k7jQZFKiKQolx6w==", "pässwörd€"],
  ["{SSHA}Pv9lOwWuWxJU0Nx7QvpCDT2r7KW2F3uFMHBsMA==", " "],
  [`{SHA}${digest("sha1", "secret")}`, "secret"],
  [`{SHA} ${digest("sha1", "secret")}\n`, "secret"],
  [`{MD5}${digest("md5", "secret")}`, "secret"],
  [`{SMD5}${digest("md5", "secret", "salt")}`, "secret"],
  [`{SSHA}${digest("sha1", "secret", "a salt of any length")}`, "secret"],
  [`{ssha}${digest("sha1", "secret", "salt")}`, "secret"],
  [`{SHA384}${digest("sha384", "secret")}`, "secret"],
  [`{SSHA384}${digest("sha384", "secret", "salt")}`, "secret"],
  [`{SHA512}${digest("sha512", "secret")}`, "secret"],
  [nsMtaMd5("secret"), "secret"],
  ["{CRYPT}abgOeLfPimXQo", "test"],
  ["secret", "secret"],
  ["sec}r{et", "sec}r{et"],
  ["{}secret", "{}secret"],
  ["{secret", "{secret"],
];

describe("slapdAccepts", () => {
  for (const [stored, password] of RIGHT) {
    it(`accepts the password of ${JSON.stringify(stored)}, and no other`, async () => {
      assert.equal(await slapdAccepts(stored, password), true);
      assert.equal(await slapdAccepts(Buffer.from(stored), Buffer.from(password)), true);
      for (const wrong of [`${password}x`, `x${password}`, "", `${password}\0`, stored]) {
        if (wrong !== password) assert.equal(await slapdAccepts(stored, wrong), false);
      }
    });
  }

  it("refuses schemes that it does not know, whatever is given", async () => {
    for (const stored of [
      ...["{SASL}secret", "{UNIX}root", "{NONSENSE}secret", "{__proto__}x", "{constructor}x"],
      ...["{CLEARTEXT}secret", "{cleartext}secret", "{PLAIN}secret", "{PLAIN}", "{CLEARTEXT}"],
    ]) {
      for (const given of ["", "x", "secret", stored]) {
        assert.equal(await slapdAccepts(stored, given), false, `${stored} ${given}`);
      }
    }
  });

  it("refuses damaged values", async () => {
    const sha = digest("sha1", "secret");
    const damaged = [
      "{SSHA}",
      `{SSHA}${sha}`,
      `{SHA}${sha.slice(0, -4)}`,
      `{SHA}${sha}AAAA`,
      `{SHA}${sha.slice(0, -1)}`,
      "{SHA}!!!!",
      `{MD5}${sha}`,
      `{SMD5}${digest("md5", "secret")}`,
      `{SHA}${createHash("sha1").update("secret").digest("hex")}`,
      `{ SHA}${sha}`,
      "{CRYPT}",
      "{CRYPT}*",
      "{CRYPT}secret",
      "{ARGON2}secret",
      "{PBKDF2}1$c2VjcmV0",
      "{PBKDF2}0$MDEyMzQ1Njc4OWFiY2RlZg$qNaIFkMOyTdUHy2KbkQzzkEhpcI",
      "{PBKDF2}9999999999$MDEyMzQ1Njc4OWFiY2RlZg$qNaIFkMOyTdUHy2KbkQzzkEhpcI",
      "{APR1}secret",
      nsMtaMd5("secret").slice(0, -1),
    ];
    for (const stored of damaged) {
      assert.equal(await slapdAccepts(stored, "secret"), false, stored);
    }
  });

  it("knows capitals of ASCII only: the byte that Latin-1 has for ß makes no SS", async () => {
    const stored = Buffer.from(`{\xdfHA}${digest("sha1", "secret", "salt")}`, "latin1");
    assert.equal(await slapdAccepts(stored, "secret"), false);
  });

  it("takes no bytes that are not text for others", async () => {
    const [a, b] = [Buffer.from([0x74, 0xff]), Buffer.from([0x74, 0xfe])];
    assert.equal(await slapdAccepts(a, b), false);
    assert.equal(await slapdAccepts(a, a), true);
    assert.equal(await slapdAccepts(hashAsSlapd(a, Buffer.from("salt")), a), true);
    assert.equal(await slapdAccepts(hashAsSlapd(a, Buffer.from("salt")), b), false);
    const replaced = `{CRYPT}${md5Crypt("t\ufffd", "saltsalt", "$1$")}`;
    assert.equal(await slapdAccepts(replaced, "t\ufffd"), true);
    assert.equal(await slapdAccepts(replaced, a), false);
  });

  it("does not take an empty stored password for a match of anything else", async () => {
    assert.equal(await slapdAccepts("", "x"), false);
  });
});
