import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatFilter } from "../../src/ldap/format-filter.ts";
import { readQueryFilter } from "../../src/tables/query-filter.ts";

describe("readQueryFilter", () => {
  const readable: readonly (readonly [text: string, filter: string])[] = [
    ["(mail=a)", "(mail=a)"],
    ["mail=a", "(mail=a)"],
    ["mail=a*b", "(mail=a*b)"],
    ["( mail=a )", "(mail=a )"],
    ["(| (a=b)\t(c=d))", "(|(a=b)(c=d))"],
    ["(&)", "(&)"],
    ["(&(smtpd_sender_restrictions=true)(mail=a))", "(&(smtpd_sender_restrictions=true)(mail=a))"],
  ];
  for (const [text, filter] of readable) {
    it(`reads ${JSON.stringify(text)}`, () => {
      assert.equal(formatFilter(readQueryFilter(text)), filter);
    });
  }

  const unreadable = [
    ...["", " ", "()", "((a=b))", "(a=b", "a=b)", "(a=b)(c=d)", "(a = b)", "$x", "a", "(a)"],
    ...["&(a=b)", "|(a=b)", "!(a=b)", "(!(a=b)(c=d))", "(a=b)x", "(=b)", "(a=\\zz)", "(a=b\0)"],
    `(a=${"x".repeat(1_000_001)})`,
    "(!".repeat(200),
  ];
  for (const text of unreadable) {
    it(`refuses ${JSON.stringify(text.slice(0, 20))} for the time being, without showing it`, () => {
      assert.throws(() => readQueryFilter(text), {
        name: "DirectoryError",
        code: "refused",
        message: "Bad search filter",
      });
    });
  }
});
