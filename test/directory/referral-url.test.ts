import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isWithin } from "../../src/directory/part-of-tree.ts";
import { parseReferralUrl } from "../../src/directory/referral-url.ts";
import { formatFilter } from "../../src/ldap/format-filter.ts";
import { assertLinear } from "../support/assert-linear.ts";

function read(text: string): string | undefined {
  const url = parseReferralUrl(text);
  if (url === undefined) return undefined;
  const { scheme, host, port, dn, scope, filter } = url;
  const question = [dn, scope, filter && formatFilter(filter)].map((part) => part ?? "-");
  return [scheme, host, port, ...question].join(" ");
}

describe("parseReferralUrl", () => {
  const readable: readonly [string, string][] = [
    ["ldap://one.test", "ldap one.test 389 - - -"],
    ["ldap://one.test/", "ldap one.test 389 - - -"],
    ["LDAPS://One.Test", "ldaps one.test 636 - - -"],
    ["ldap://one.test:3890/dc=a??sub", "ldap one.test 3890 dc=a sub -"],
    ["ldap://one.test/dc=a?cn,sn?BASE?(uid=a)", "ldap one.test 389 dc=a base (uid=a)"],
    ["ldap://one.test/dc=a????x-note=1", "ldap one.test 389 dc=a - -"],
    ["ldap://[2001:DB8::1]:390/dc=a", "ldap 2001:db8::1 390 dc=a - -"],
    ["ldap://one.test/cn=x%5C2Cy%20z,ou=%C3%9C??one", "ldap one.test 389 cn=x\\2Cy z,ou=Ü one -"],
    ["ldap://one.test/???(cn=a%3fb)", "ldap one.test 389 - - (cn=a?b)"],
  ];
  for (const [text, expected] of readable) {
    it(`reads ${text}`, () => assert.equal(read(text), expected));
  }

  const unreadable: readonly [string, string][] = [
    ["nothing", ""],
    ["another scheme", "http://one.test/dc=a"],
    ["a socket", "ldapi://%2Frun%2Fldapi/dc=a"],
    ["no host", "ldap:///dc=a"],
    ["a user", "ldap://one.test@evil.test/dc=a"],
    ["a user with a password", "ldap://one.test:389@evil.test:389/dc=a"],
    ["an encoded at sign", "ldap://one.test%40evil.test/dc=a"],
    ["a space in the host", "ldap://one.test evil.test/dc=a"],
    ["a line break in the host", "ldap://one.test\n/dc=a"],
    ["a backslash in the host", "ldap://one.test\\@evil.test/dc=a"],
    ["a fragment", "ldap://one.test#evil.test/dc=a"],
    ["port 0", "ldap://one.test:0/dc=a"],
    ["a port that is too large", "ldap://one.test:65536/dc=a"],
    ["a port that is no number", "ldap://one.test:x/dc=a"],
    ["brackets around no address", "ldap://[dead]/dc=a"],
    ["no DN", "ldap://one.test/nonsense"],
    ["a DN of spaces, who would be nobody", "ldap://one.test/%20%20"],
    ["a broken escape", "ldap://one.test/dc=%zz"],
    ["an escape that is no text", "ldap://one.test/dc=%ff"],
    ["an unknown scope", "ldap://one.test/dc=a??all"],
    ["a broken filter", "ldap://one.test/dc=a??sub?(uid="],
    ["a critical extension", "ldap://one.test/dc=a????!bindname=cn=x"],
    ["a critical one among others", "ldap://one.test/dc=a????a=b,!c"],
    ["a sixth part", "ldap://one.test/dc=a????a=b?c"],
  ];
  for (const [what, text] of unreadable) {
    it(`does not follow ${what}`, () => assert.equal(read(text), undefined));
  }

  it("does not read a URL of any length", () => {
    assert.equal(read(`ldap://one.test/cn=${"a".repeat(9_000)}`), undefined);
  });

  it("takes time in proportion to the length", () => {
    for (const part of ["ldap://", "[", ":", "?", "%20", "a,"]) {
      assertLinear((times) => parseReferralUrl(`ldap://a/${part.repeat(times)}`));
    }
  });
});

describe("isWithin", () => {
  const cases: readonly [string, string, boolean][] = [
    ["ou=a,dc=x", "ou=a,dc=x", true],
    ["uid=b,OU=A, DC=X", "ou=a,dc=x", true],
    ["uid=b,dc=x", "", true],
    ["", "", true],
    ["dc=x", "ou=a,dc=x", false],
    ["uid=b,ou=c,dc=x", "ou=a,dc=x", false],
    ["uid=b\\,ou=a,dc=x", "ou=a,dc=x", false],
    ["uid=b\\2Cou=a,dc=x", "ou=a,dc=x", false],
    ["uid=bou=a,dc=x", "ou=a,dc=x", false],
    ["", "dc=x", false],
    ["nonsense", "dc=x", false],
    ["dc=x", "nonsense", false],
  ];
  for (const [dn, base, expected] of cases) {
    it(`${expected ? "finds" : "does not find"} "${dn}" in "${base}"`, () => {
      assert.equal(isWithin(dn, base), expected);
    });
  }
});
