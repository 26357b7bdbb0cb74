import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatFilter } from "../../src/ldap/format-filter.ts";
import { specialSearch } from "../../src/tables/special-search.ts";

const REQUESTED = ["maildrop", "mail", "memberdn"];
const NEEDLESS = "(objectClass=*)";

describe("specialSearch", () => {
  const searches: readonly (readonly [
    value: string,
    base: string,
    scope: string,
    filter: string,
    attributes: readonly string[],
  ])[] = [
    ["uid=a,dc=b", "uid=a,dc=b", "base", NEEDLESS, REQUESTED],
    // The server says what it thinks of these.
    ["http://x/", "http://x/", "base", NEEDLESS, REQUESTED],
    ["a@b.c", "a@b.c", "base", NEEDLESS, REQUESTED],
    ["", "", "base", NEEDLESS, REQUESTED],
    ["ldap:///dc=b", "dc=b", "base", NEEDLESS, REQUESTED],
    ["ldap:///dc=b??sub?(a=b)", "dc=b", "sub", "(a=b)", REQUESTED],
    ["ldap:///dc=b?mail?ONE?a=b", "dc=b", "one", "(a=b)", ["mail"]],
    ["LDAPS://evil.example:99999/dc=b?MAIL,nosuch", "dc=b", "base", NEEDLESS, ["mail"]],
    ["ldap:///dc=b?mail;lang-en,mail", "dc=b", "base", NEEDLESS, ["mail;lang-en", "mail"]],
    ["<URL:ldap:///dc%3Db?ma%69l?subtree?%28a=b%29>", "dc=b", "sub", "(a=b)", ["mail"]],
    ["ldap:///dc=b?mail?base?(a=b)?x=y", "dc=b", "base", "(a=b)", ["mail"]],
    ["ldap://", "", "base", NEEDLESS, REQUESTED],
  ];
  for (const [value, base, scope, filter, attributes] of searches) {
    it(`takes ${JSON.stringify(value)} for a search`, () => {
      const query = specialSearch(value, REQUESTED);
      assert(query);
      assert.deepEqual(
        { ...query, filter: formatFilter(query.filter) },
        { base, scope, filter, attributes },
      );
    });
  }

  for (const list of ["cn", "*", "+", "1.1", "mailx", "mail_", "cn,sn"]) {
    it(`searches nothing for the attributes ${list}, which the table does not ask for`, () => {
      assert.equal(specialSearch(`ldap:///dc=b?${list}`, REQUESTED), undefined);
    });
  }

  const unusable = [
    "ldap:///dc=b?mail?children",
    "ldap:///dc=b?mail?base?(a=b)?!x",
    "ldap:///dc=b?mail?base?(a=b)?y,%21x",
    "ldap:///dc=b?mail?base?(a=b)?",
    "ldap:///dc=b?mail?base?(a=b)?x?y",
    "ldap:///dc=b?mail?base?(a=b",
    "ldap:///dc=b?mail?base?%zz",
    "ldap:///dc=%ff?mail",
    "<ldap:///dc=b?mail",
    "cldap:///dc=b?mail",
    "pldap:///dc=b?mail",
  ];
  for (const value of unusable) {
    it(`refuses ${value} for the time being`, () => {
      assert.throws(() => specialSearch(value, REQUESTED), {
        name: "DirectoryError",
        code: "refused",
      });
    });
  }
});
