import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ConfigError } from "../../src/errors.ts";
import { CannotTell } from "../../src/expressions/cannot-tell.ts";
import { parseCondition } from "../../src/expressions/parse-condition.ts";
import { httpdExpressions, variablesWith } from "../support/httpd-expressions.ts";

/** What httpd takes and this package refuses at start. */
const REFUSED_HERE = /\\1|CONTENT_TYPE|REQUEST_STATUS|^-d |^file\(|\\0a/;

describe("parseCondition, beside a real httpd", () => {
  for (const { expression, holds, error } of httpdExpressions().conditions) {
    if (error !== undefined || REFUSED_HERE.test(expression)) {
      it(`refuses ${expression}`, () => {
        assert.throws(() => parseCondition(expression), ConfigError);
      });
    } else {
      it(`${holds} for ${expression}`, () => {
        const variables = variablesWith({}, { GRP: "x" });
        assert.equal(parseCondition(expression).evaluate(variables), holds);
      });
    }
  }

  for (const { kind, text, error } of httpdExpressions().refused) {
    if (kind !== "condition") continue;
    it(`refuses ${text}`, () => {
      assert.throws(() => parseCondition(text), ConfigError);
    });
    // Bison's own names of tokens are no help to anybody.
    if (/syntax error/.test(error) || /T_/.test(error)) continue;
    it(`says of ${text} what httpd says`, () => {
      const expected = error === "Failed to compile regular expression" ? "group" : error;
      assert.throws(() => parseCondition(text), { message: new RegExp(escapeRegExp(expected)) });
    });
  }
});

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

describe("parseCondition", () => {
  it("tells whether it mentions REMOTE_USER, in any letter case and however deep", () => {
    for (const text of ["%{REMOTE_USER} == 'a'", "'%{tolower:%{remote_user}}' == 'a'"]) {
      assert.equal(parseCondition(text).mentionsUser, true);
    }
    for (const text of ["'REMOTE_USER' == 'a'", "reqenv('REMOTE_USER') == 'a'"]) {
      assert.equal(parseCondition(text).mentionsUser, false);
    }
  });

  it("asks the AUTHENTICATE_ variables by their own names", () => {
    const variables = variablesWith({}, { "AUTHENTICATE_DESCRIPTION;LANG-EN": "English text" });
    const text = "reqenv('AUTHENTICATE_DESCRIPTION;LANG-EN') == 'English text'";
    assert.equal(parseCondition(text).evaluate(variables), true);
    assert.equal(parseCondition(text).evaluate(variablesWith()), false);
  });

  it("does not ask what && and || make needless", () => {
    const variables = {
      ...variablesWith(),
      header: () => assert.fail("asked for a header"),
    };
    assert.equal(parseCondition("false && req('X') == ''").evaluate(variables), false);
    assert.equal(parseCondition("true || req('X') == ''").evaluate(variables), true);
  });

  it("gives what a pattern captured", () => {
    const condition = parseCondition("req('X') =~ /a(b+)(c)?/");
    const { holds, captures } = condition.match(variablesWith({ X: "xabby" }));
    assert.deepEqual({ holds, captures }, { holds: true, captures: ["abb", "bb", ""] });
    assert.equal(condition.match(variablesWith()).captures, undefined);
  });

  it("forgets what was captured between two requests", () => {
    const condition = parseCondition("req('X') =~ /(a)/ || $1 == 'a'");
    assert.equal(condition.evaluate(variablesWith({ X: "a" })), true);
    assert.equal(condition.evaluate(variablesWith({ X: "b" })), false);
  });

  it("cannot tell, rather than say no, whether a host name is in a network", () => {
    const condition = parseCondition("! (req('X') -ipmatch '10.0.0.0/8')");
    assert.equal(condition.evaluate(variablesWith({ X: "10.1.2.3" })), false);
    assert.equal(condition.evaluate(variablesWith({ X: "192.0.2.1" })), true);
    assert.throws(() => condition.evaluate(variablesWith({ X: "ten.example" })), CannotTell);
  });

  it("cannot tell, rather than say no, whether an endless text matches", () => {
    const condition = parseCondition("! (req('X') =~ /^[a-z]{1,100}$/)");
    const variables = variablesWith({ X: "1".repeat(1_000_000) });
    assert.throws(() => condition.evaluate(variables), CannotTell);
  });

  it("matches wildcards that a visitor sends, and cannot tell when there are too many", () => {
    const condition = parseCondition("'aaaa' -strmatch req('X')");
    assert.equal(condition.evaluate(variablesWith({ X: "a*a" })), true);
    assert.equal(condition.evaluate(variablesWith({ X: "*b*" })), false);
    assert.throws(() => condition.evaluate(variablesWith({ X: "?*".repeat(10_000) })), CannotTell);
  });

  it("takes patterns that cost others a lifetime", () => {
    const condition = parseCondition("req('X') =~ /^(?:a+)+$/ || req('X') =~ /(?:a|a)*c/");
    assert.equal(condition.evaluate(variablesWith({ X: `${"a".repeat(8_000)}!` })), false);
  });

  it("refuses what httpd would find too deep at each request", () => {
    const nest = (depth: number) => `${"tolower(".repeat(depth)}'A'${")".repeat(depth)} == 'a'`;
    assert.equal(parseCondition(nest(18)).evaluate(variablesWith()), true);
    assert.throws(() => parseCondition(nest(19)), { message: /Recursion limit reached/ });
    assert.throws(() => parseCondition("(".repeat(100_000)), { message: /Recursion limit/ });
    assert.throws(() => parseCondition(`${"%{tolower:".repeat(100_000)}`), ConfigError);
  });

  it("refuses what it can't honour, with the reason", () => {
    for (const [text, message] of [
      ["%{REMOTE_HOST} == 'a'", /Variable 'REMOTE_HOST' can't be honoured: it needs the DNS/],
      ["%{REQUEST_FILENAME} == 'a'", /can't be honoured/],
      ["resp('X') == 'a'", /Function 'resp' can't be honoured/],
      ["note('X') == 'a'", /can't be honoured/],
      ["osenv('X') == 'a'", /can't be honoured/],
      ["file('/etc/passwd') == 'a'", /files are not read/],
      ["-f '/etc/passwd'", /Unary operator '-f' can't be honoured/],
      ["-U '/x'", /there are no subrequests/],
      ["'a' in PeerExtList('x')", /List-returning function 'PeerExtList' does not exist/],
      ["'a' == '\\0'", /NUL/],
      ["'a' == '\\374'", /UTF-8/],
      ["unbase64('/w==') == 'a'", /UTF-8/],
    ] as const) {
      assert.throws(() => parseCondition(text), { name: "ConfigError", message });
    }
  });

  it("marks the place", () => {
    assert.throws(() => parseCondition("'a' == %{NONE}"), {
      message: "Variable 'NONE' does not exist\n  'a' == %{NONE}\n         ^",
    });
  });

  const PIECES = [
    ..."!&|()<>=~-.,{}'\"/\\%$ :ims0123456789ab^*+?[]".split(""),
    ..."%{REMOTE_USER} %{HTTP:X} req('X') =~ -R -ipmatch -strmatch '10.0.0.0/8' in && || == -eq not".split(
      " ",
    ),
    "m#(a)#",
    " ",
  ];

  it("throws nothing but ConfigError, whatever it is given", () => {
    const arbitrary = fc.oneof(
      fc.string({ unit: "binary", maxLength: 40 }),
      fc.array(fc.constantFrom(...PIECES), { maxLength: 15 }).map((pieces) => pieces.join("")),
    );
    fc.assert(
      fc.property(arbitrary, fc.string(), (text, x) => {
        try {
          parseCondition(text).evaluate(variablesWith({ X: x }));
        } catch (error) {
          assert(error instanceof ConfigError || error instanceof CannotTell, String(error));
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it("evaluates whatever a visitor sends, and throws nothing but CannotTell", () => {
    const conditions = [
      "unescape(req('X')) =~ /(.)%?(\\W+)$/ && $1$2 == req('X')",
      "unbase64(req('X')) == escape(req('X')) || 'x%{ldap:%{HTTP:X}}' -fnmatch req('X')",
      "req('X') -gt 5 && req('X') < 'm' || req('X') in {'a', %{tolower:%{HTTP:X}}}",
      "-R '10.0.0.0/8' || req('X') -ipmatch '::/8' || -T req('X')",
    ].map((text) => parseCondition(text.replace("$1$2", "$1 . $2")));
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (x) => {
        for (const condition of conditions) {
          try {
            condition.evaluate(variablesWith({ X: x }, {}, { REMOTE_ADDR: x }));
          } catch (error) {
            assert(error instanceof CannotTell, String(error));
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
