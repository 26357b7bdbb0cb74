import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readStoredPassword } from "../../src/passwords/stored-password.ts";

/** `SCHEME:data`, or the reason. */
function read(stored: string, defaultScheme?: string): string {
  const result = readStoredPassword(stored, defaultScheme);
  return typeof result === "string" ? result : `${result.scheme}:${result.data.toString("latin1")}`;
}

const MD5_OF_TEST = "098f6bcd4621d373cade4e832627b4f6";
const MD5_BYTES = Buffer.from(MD5_OF_TEST, "hex").toString("latin1");

describe("readStoredPassword", () => {
  it("takes the scheme off, in any letter case", () => {
    assert.equal(read("{PLAIN}secret"), "PLAIN:secret");
    assert.equal(read("{clearText}secret"), "CLEARTEXT:secret");
    assert.equal(read("{PLAIN}"), "PLAIN:");
    assert.equal(read("{PLAIN} } {"), "PLAIN: } {");
  });

  it("takes only one scheme off", () => {
    assert.equal(read("{PLAIN}{SSHA}x"), "PLAIN:{SSHA}x");
  });

  it("decodes what a suffix names", () => {
    for (const suffix of ["hex", "HEX"])
      assert.equal(read(`{PLAIN.${suffix}}74657374`), "PLAIN:test");
    for (const suffix of ["b64", "B64", "base64", "Base64"]) {
      assert.equal(read(`{PLAIN.${suffix}}dGVzdA==`), "PLAIN:test");
    }
    assert.equal(read("{PLAIN.hex}7465737"), "malformed");
    assert.equal(read("{PLAIN.hex} 74657374"), "malformed");
    assert.equal(read("{PLAIN.b64}dGVzdA"), "malformed");
    assert.equal(read("{SSHA.hex}7g"), "malformed");
  });

  it("tells hex from base64 by the length where the size is fixed", () => {
    for (const scheme of ["PLAIN-MD5", "LDAP-MD5", "DIGEST-MD5", "PLAIN-MD4"]) {
      assert.equal(read(`{${scheme}}${MD5_OF_TEST}`), `${scheme}:${MD5_BYTES}`);
      assert.equal(read(`{${scheme}}${MD5_OF_TEST.toUpperCase()}`), `${scheme}:${MD5_BYTES}`);
      assert.equal(read(`{${scheme}}CY9rzUYh03PK3k6DJie09g==`), `${scheme}:${MD5_BYTES}`);
      for (const end of ["6", "f6", "b4f6"]) {
        assert.equal(read(`{${scheme}}${MD5_OF_TEST.slice(0, -end.length)}`), "malformed");
      }
    }
  });

  it("ignores blanks and line ends in base64, and nothing else", () => {
    for (const blank of [" ", "\n", "\r\n", "\t"]) {
      const data = `${blank}CY9r${blank}zUYh03PK3k6DJie09g=${blank}=`;
      assert.equal(read(`{LDAP-MD5}${data}`), `LDAP-MD5:${MD5_BYTES}`);
    }
    // Twice the size, and yet not hex.
    const asLongAsHex = `CY9rzUYh03PK3k6DJie09g==${" ".repeat(8)}`;
    assert.equal(read(`{LDAP-MD5}${asLongAsHex}`), `LDAP-MD5:${MD5_BYTES}`);
    assert.equal(read(`{LDAP-MD5.hex}${asLongAsHex}`), "malformed");
    for (const odd of ["\v", "\f", "\u00a0", "-", "_", "=", "!"]) {
      assert.equal(read(`{LDAP-MD5}${odd}CY9rzUYh03PK3k6DJie09g==`), "malformed");
    }
  });

  it("knows no scheme by a part or a trick of its name", () => {
    for (const name of [
      "",
      " SSHA",
      "SSHA ",
      "SSHA.",
      "SSHA.b32",
      "SSHA.hex.hex",
      ".hex",
      "NOPE",
    ]) {
      assert.equal(read(`{${name}}AAAA`), "unknown-scheme", name);
    }
    for (const name of ["__proto__", "constructor", "toString", "SSHA.__proto__", "ſha", "ßha"]) {
      assert.equal(read(`{${name}}AAAA`), "unknown-scheme", name);
    }
  });

  it("says that there is no scheme", () => {
    for (const stored of ["", "secret", "{", "{SSHA", " {PLAIN}x", "}x", "x{PLAIN}x"]) {
      assert.equal(read(stored), "no-scheme", stored);
    }
  });

  it("takes a value without a scheme as one of the default scheme", () => {
    assert.equal(read("secret", "PLAIN"), "PLAIN:secret");
    assert.equal(read("{secret", "plain"), "PLAIN:{secret");
    assert.equal(read("74657374", "PLAIN.hex"), "PLAIN:test");
    assert.equal(read(MD5_OF_TEST, "LDAP-MD5"), `LDAP-MD5:${MD5_BYTES}`);
    assert.equal(read("secret", "NOPE"), "unknown-scheme");
    assert.equal(read("secret", "{PLAIN}"), "unknown-scheme");
    assert.equal(read("secret", ""), "unknown-scheme");
    assert.equal(read("{SSHA.hex}00", "PLAIN"), "SSHA:\0");
  });

  it("takes $1$ without a scheme as MD5-CRYPT whatever the default is, up to a third $", () => {
    assert.equal(read("$1$salt$hash"), "MD5-CRYPT:$1$salt$hash");
    assert.equal(read("$1$salt$hash$more$", "PLAIN"), "MD5-CRYPT:$1$salt$hash");
    assert.equal(read("$1$salt", "PLAIN"), "PLAIN:$1$salt");
    assert.equal(read("$1$salt"), "no-scheme");
    assert.equal(read("$6$salt$hash"), "no-scheme");
  });

  it("reads nothing of which a part is missing, cut off or unknown", () => {
    for (const stored of ["{PLAIN}a\0b", "{PLAIN}\ufffd", "{PLAIN}\ud800", "{PLAIN}\udc00x"]) {
      assert.equal(read(stored), "malformed");
      assert.equal(read(stored.slice("{PLAIN}".length), "PLAIN"), "malformed");
    }
    assert.equal(read(`{PLAIN}${"x".repeat(4_089)}`).length, "PLAIN:".length + 4_089);
    assert.equal(read(`{PLAIN}${"x".repeat(4_090)}`), "malformed");
    for (const odd of [undefined, null, 7, {}, [], ["{PLAIN}x"], Buffer.from("{PLAIN}x")]) {
      assert.equal(read(odd as string), "malformed");
      assert.equal(read("secret", odd as string), "no-scheme");
    }
  });
});
