import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ANY_ENTRY, type AuthLdapUrl } from "../../src/ldap/auth-ldap-url.ts";
import { escapeDnValue } from "../../src/ldap/dn.ts";
import { formatAuthLdapUrl } from "../../src/ldap/format-auth-ldap-url.ts";
import { parseAuthLdapUrl } from "../../src/ldap/parse-auth-ldap-url.ts";
import { anyAttribute, anyFilter } from "../support/arbitrary-filter.ts";

const anyHost = fc.record(
  {
    host: fc.oneof(
      fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,12}$/),
      fc.constantFrom("münchen.example", "::1", "fe80::1%eth0", "2001:db8::1", "LDAP1"),
    ),
    port: fc.oneof(fc.constantFrom(389, 636), fc.integer({ min: 1, max: 65535 })),
  },
  { noNullPrototype: true },
);

const anyBase = fc
  .array(fc.string({ unit: fc.constantFrom(..." ,+?#%\\\"'<>/=:()&é😀ab", "ssl", " TLS") }), {
    maxLength: 3,
  })
  .map((values) => values.map((value) => `ou=${escapeDnValue(value)}`).join(","));

/** What parseAuthLdapUrl may return, but for the warnings. */
const anyUrl: fc.Arbitrary<AuthLdapUrl> = fc
  .record({
    where: fc.oneof(
      fc.record({
        scheme: fc.constantFrom("ldap" as const, "ldaps" as const),
        hosts: fc.array(anyHost, { minLength: 1, maxLength: 3 }),
      }),
      fc.record({
        scheme: fc.constant("ldapi" as const),
        hosts: fc.constant([]),
        socketPath: fc.string({ unit: fc.constantFrom(..."/ ?%é:@") }).map((path) => `/${path}`),
      }),
    ),
    base: anyBase,
    attributes: fc.uniqueArray(anyAttribute, {
      selector: (name) => name.toLowerCase(),
      maxLength: 4,
    }),
    scope: fc.constantFrom("one" as const, "sub" as const),
    filter: fc.oneof(anyFilter, fc.constant(undefined), fc.constant(ANY_ENTRY)),
    connectionMode: fc.constantFrom(
      undefined,
      "none" as const,
      "ssl" as const,
      "starttls" as const,
    ),
  })
  .filter(({ attributes: [first] }) => first !== "1.1")
  .map(({ where, connectionMode, ...rest }) => ({
    ...where,
    ...rest,
    ...(connectionMode === undefined ? {} : { connectionMode }),
    loginAttribute: rest.attributes[0] ?? "uid",
    warnings: [],
  }));

describe("formatAuthLdapUrl", () => {
  const cases = [
    [
      "LDAP://h:389/ou=web,dc=x?uid,MyWebAccess?ONE?WebAccess=MyWebApp_Level_*",
      "ldap://h/ou=web,dc=x?uid,MyWebAccess?one?(WebAccess=MyWebApp_Level_*)",
    ],
    ["ldap://", "ldap://localhost/"],
    ["ldap://h/dc=x?uid?sub?(objectClass=*)", "ldap://h/dc=x?uid"],
    ["ldap://h/dc=x??one", "ldap://h/dc=x??one"],
    ["ldap://h/dc=x???(NONE) tls", "ldap://h/dc=x???none STARTTLS"],
    [
      "ldaps://a b:3890,[::1]:636/ou=my people,dc=x?uid ssl",
      '"ldaps://a b:3890 [::1]/ou=my%20people,dc=x?uid" SSL',
    ],
    ["ldapi:///dc=x?uid", "ldapi://%2Fvar%2Frun%2Fslapd%2Fldapi/dc=x?uid"],
    ["ldap://h/dc=x?uid??cn=a%3fb\\29 c", "ldap://h/dc=x?uid??(cn=a%3fb%5C29%20c)"],
  ] as const;
  for (const [text, formatted] of cases) {
    it(`writes ${text} as ${formatted}`, () => {
      assert.equal(formatAuthLdapUrl(parseAuthLdapUrl(text)), formatted);
    });
  }

  it("writes what parseAuthLdapUrl reads back to the same", () => {
    fc.assert(
      fc.property(anyUrl, (url) => {
        const text = formatAuthLdapUrl(url);
        assert.deepEqual({ ...parseAuthLdapUrl(text), warnings: [] }, url);
        assert.equal(formatAuthLdapUrl(parseAuthLdapUrl(text)), text);
      }),
      { numRuns: 2000 },
    );
  });
});
