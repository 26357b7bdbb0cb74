import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ConfigError } from "../../../src/errors.ts";
import { readSettings } from "../../../src/importers/dovecot/read-settings.ts";
import { assertLinear } from "../../support/assert-linear.ts";

/** Names, values and lines. */
function read(text: string): readonly unknown[] {
  return [...readSettings(text).settings.values()].map(({ name, value, line }) => [
    name,
    value,
    line,
  ]);
}

describe("readSettings", () => {
  const readable: readonly (readonly [text: string, settings: readonly unknown[]])[] = [
    ["", []],
    ["\n# dn = cn=x\n  # too\n\t\n", []],
    ["dn = cn=reader", [["dn", "cn=reader", 1]]],
    ["\ufeff\tdn=cn=reader  \r\n", [["dn", "cn=reader", 1]]],
    ["dn =", [["dn", "", 1]]],
    ["dn = a # comment", [["dn", "a", 1]]],
    ["dnpass = pass#word", [["dnpass", "pass", 1]]],
    ['dnpass = "pass#word" # comment', [["dnpass", "pass#word", 1]]],
    ['dnpass = "a\\" # b" # c', [["dnpass", 'a" # b', 1]]],
    ["dnpass = 'pass \"#\" word'", [["dnpass", 'pass "#" word', 1]]],
    ['dnpass = "a\\"b\\\\c\\nd"', [["dnpass", 'a"b\\cnd', 1]]],
    ['dnpass = "a" and "b"', [["dnpass", 'a" and "b', 1]]],
    ['dnpass = a"b', [["dnpass", 'a"b', 1]]],
    // A quote that nobody closes hides the comment's sign.
    ['dnpass = it"s #1', [["dnpass", 'it"s #1', 1]]],
    ["dnpass = a\\b", [["dnpass", "a\\b", 1]]],
    // No file is read here: only Dovecot's main configuration knows that form.
    ["dnpass = </etc/secret", [["dnpass", "</etc/secret", 1]]],
    ["dnpass = a$ENV:B", [["dnpass", "a$ENV:B", 1]]],
    ['dnpass = "$ENV:B"', [["dnpass", "$ENV:B", 1]]],
    ["user_attrs = a=b, \\\n  # comment\n\n  c=d", [["user_attrs", "a=b, c=d", 4]]],
    ["user_attrs = a\\\nb", [["user_attrs", "a b", 2]]],
    [
      "dn = a\nuris = ldap://h\ndn = b",
      [
        ["dn", "b", 3],
        ["uris", "ldap://h", 2],
      ],
    ],
  ];
  for (const [text, settings] of readable) {
    it(`reads ${JSON.stringify(text)} as Dovecot does`, () => {
      assert.deepEqual(read(text), settings);
    });
  }

  const unreadable: readonly (readonly [text: string, message: RegExp])[] = [
    ["\nDN = x", /conf\.ext:2: line: Unknown setting/],
    ["ldap_uris = x", /:1: ldap_uris: Unknown setting/],
    ["dn x", /:1: dn: it is no setting/],
    ["}", /:1: line: it is no setting/],
    ["passdb {", /:1: passdb: it is no setting/],
    ["\n\n!include x.conf", /:3: !include: no other file/],
    ["!include_try x", /:1: !include_try: no other file/],
    ["dnpass = $ENV:PW", /:1: dnpass: \$ENV:/],
    ["dnpass = x $ENV:PW", /:1: dnpass: \$ENV:/],
    ['dnpass = "', /:1: dnpass: there is a quote/],
    ["dn = a\\\n# end", /:2: line: the text ends with a line that goes on/],
    ["dn = a\0b", /:1: line: there is a control character/],
    ["dn = a\rb", /:1: line: there is a control character/],
  ];
  for (const [text, message] of unreadable) {
    it(`refuses ${JSON.stringify(text)} by its line`, () => {
      assert.throws(
        () => readSettings(text),
        (error) => error instanceof ConfigError && message.test(error.message),
      );
    });
  }

  it("names the file that it was told", () => {
    assert.throws(
      () => readSettings("x", "/etc/dovecot/l.conf"),
      /^ConfigError: \/etc\/dovecot\/l\.conf:1: /,
    );
  });

  it("never shows what a line says, whatever stands there", () => {
    const secret = "SeCr3T";
    const line = fc
      .array(fc.constantFrom(secret, " ", "=", '"', "'", "#", "\\", "{", "$ENV:", "dn", "\n", "%"))
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(line, (text) => {
        try {
          readSettings(text);
        } catch (error) {
          assert(error instanceof ConfigError);
          assert(!error.message.includes(secret), error.message);
          assert.equal(error.cause, undefined);
        }
      }),
    );
  });

  it("takes time that grows with the text only", () => {
    assertLinear((size) => void readSettings(`dn = "${" \\a#'".repeat(size)}`));
    assertLinear((size) => void readSettings(`dn = ${" ".repeat(size)}a${" ".repeat(size)}`));
    assertLinear((size) => void readSettings(`dn = a${"\\\n".repeat(size)}b`));
  });
});
