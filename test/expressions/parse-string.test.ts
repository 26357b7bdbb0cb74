import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ConfigError } from "../../src/errors.ts";
import { parseString } from "../../src/expressions/parse-string.ts";
import { assertLinear } from "../support/assert-linear.ts";
import { httpdExpressions, variablesWith } from "../support/httpd-expressions.ts";

function evaluate(text: string, headers: Readonly<Record<string, string>> = {}): string {
  const pieces = parseString(text).evaluate(variablesWith(headers));
  return pieces.map((piece) => piece.text).join("");
}

describe("parseString, beside a real httpd", () => {
  for (const { text, x, result } of httpdExpressions().strings) {
    it(`makes ${JSON.stringify(result)} of ${text} with ${JSON.stringify(x)}`, () => {
      assert.equal(evaluate(text, { X: x }), result);
    });
  }

  for (const { kind, text, error } of httpdExpressions().refused) {
    if (kind !== "string") continue;
    it(`refuses ${text}`, () => {
      assert.throws(() => parseString(text), ConfigError);
    });
    if (/T_/.test(error)) continue;
    it(`says of ${text} what httpd says`, () => {
      assert.throws(
        () => parseString(text),
        (thrown: Error) => thrown.message.startsWith(error),
      );
    });
  }
});

describe("parseString", () => {
  it("knows at start what is not substituted", () => {
    for (const [text, constant] of [
      ["", ""],
      ["cn=admins,ou=Groups", "cn=admins,ou=Groups"],
      ["back\\\\slash", "back\\slash"],
      ["comma\\,user", "comma,user"],
      ["cn=Web\\\\2C Admins & Co", "cn=Web\\2C Admins & Co"],
      ["bob\\talice", "bob\talice"],
      ["\\2C", "\u0002C"],
      ["100%", "100%"],
      ["a$", "a$"],
      ["alice$1", "alice"],
      ["\"a\" 'b'", "\"a\" 'b'"],
      ["%{unescape:al%69ce}", "alice"],
      ["%{tolower:%{toupper:a}b}", "ab"],
      ["größe", "größe"],
    ] as const) {
      assert.equal(parseString(text).constant, constant);
    }
    assert.equal(parseString("%{REMOTE_USER}").constant, undefined);
    assert.equal(parseString("%{tolower:%{HTTP:X}}").constant, undefined);
  });

  it("tells the administrator's text from what is substituted", () => {
    const pieces = parseString("uid=%{HTTP:X},%{tolower:%{HTTP:X}}%{ldap:%{HTTP:X}}%{ldap:*}");
    assert.deepEqual(pieces.evaluate(variablesWith({ X: "A,*" })), [
      { kind: "literal", text: "uid=" },
      { kind: "value", text: "A,*" },
      { kind: "literal", text: "," },
      { kind: "value", text: "a,*" },
      { kind: "escaped", text: "A\\2c\\2a" },
      { kind: "literal", text: "\\2a" },
    ]);
  });

  it("does not take for escaped what was changed again, or what merely holds it", () => {
    for (const text of ["%{unescape:%{ldap:%{HTTP:X}}}", "%{tolower:a%{ldap:%{HTTP:X}}}"]) {
      const [piece] = parseString(text).evaluate(variablesWith({ X: "*" }));
      assert.equal(piece?.kind, "value");
    }
  });

  it("does not read again what it has substituted", () => {
    assert.equal(evaluate("%{HTTP:X}", { X: "%{REMOTE_USER} $1 \\t" }), "%{REMOTE_USER} $1 \\t");
  });

  it("gives nothing for a header, a variable or a user that is not there", () => {
    assert.equal(evaluate("[%{HTTP:X}%{env:X}%{reqenv:X}%{REMOTE_USER}%{HTTP_COOKIE}]"), "[]");
  });

  it("gives the time as httpd does", () => {
    assert.match(evaluate("%{TIME}"), /^20\d{12}$/);
    const parts = "%{TIME_YEAR}-%{TIME_MON}-%{TIME_DAY} %{TIME_HOUR}:%{TIME_MIN}:%{TIME_SEC}";
    assert(Math.abs(new Date(evaluate(parts)).getTime() - Date.now()) < 60_000);
    assert.equal(evaluate("%{TIME_WDAY}").length, 1);
  });

  it("refuses NUL, half characters, lone backslashes and what is endless", () => {
    for (const text of ["a\0", "\ud800", "a\\", "a\\0", "\\303", "a\nb", "x".repeat(8_192)]) {
      assert.throws(() => parseString(text), ConfigError);
    }
    assert.equal(parseString("x".repeat(8_191)).constant?.length, 8_191);
  });

  it("refuses a quote in a function's text, which makes httpd abort", () => {
    assert.throws(() => parseString("%{tolower:it's}"), { message: /quote/ });
  });

  it("throws nothing but ConfigError, whatever it is given", () => {
    const pieces = fc.constantFrom(
      ..."\\ % $ { } : 0 8 9 a ' \" %{ %{HTTP: %{tolower: %{REMOTE_USER}".split(" "),
      "\n",
      "é",
    );
    const arbitrary = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(pieces, { maxLength: 20 }).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(arbitrary, fc.string({ unit: "binary" }), (text, x) => {
        try {
          parseString(text).evaluate(variablesWith({ X: x }));
        } catch (error) {
          assert(error instanceof ConfigError, String(error));
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it("takes linear time", () => {
    assertLinear((times) => {
      evaluate("%{ldap:%{unescape:%{HTTP:X}}}%{escape:%{unbase64:%{HTTP:X}}}", {
        X: "%2a*".repeat(times),
      });
      evaluate("%{unescape:%{HTTP:X}}", { X: "%".repeat(times) });
    });
  });
});
