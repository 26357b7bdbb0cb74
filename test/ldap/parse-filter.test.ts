import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ConfigError } from "../../src/errors.ts";
import type { Filter } from "../../src/ldap/filter.ts";
import { escapeFilterValue, formatFilter } from "../../src/ldap/format-filter.ts";
import { parseFilter, parseFilters } from "../../src/ldap/parse-filter.ts";
import { anyFilter } from "../support/arbitrary-filter.ts";
import { assertLinear } from "../support/assert-linear.ts";

function equal(attribute: string, value: string | Buffer): Filter {
  return { type: "equal", attribute, value: Buffer.from(value) };
}

describe("parseFilter", () => {
  const readable: readonly (readonly [string, Filter])[] = [
    ["(cn=a)", equal("cn", "a")],
    ["(cn=)", equal("cn", "")],
    ["(cn= a  b )", equal("cn", " a  b ")],
    ["(cn=a=b&c|d!e<f>g~h:i)", equal("cn", "a=b&c|d!e<f>g~h:i")],
    ["(cn=\\2a\\28\\29\\5C\\00)", equal("cn", "*()\\\0")],
    ["(objectGUID=\\ff\\80a\\C3\\A9)", equal("objectGUID", Buffer.from("ff8061c3a9", "hex"))],
    ["(cn=José 😀)", equal("cn", "José 😀")],
    ["(cn;lang-en;x-a=a)", equal("cn;lang-en;x-a", "a")],
    ["(2.5.4.3=a)", equal("2.5.4.3", "a")],
    ["(my_attribute=a)", equal("my_attribute", "a")],
    ["(cn=*)", { type: "present", attribute: "cn" }],
    ["(cn;lang-en=*)", { type: "present", attribute: "cn;lang-en" }],
    ["(n>=1)", { type: "greater-or-equal", attribute: "n", value: Buffer.from("1") }],
    ["(n<=1)", { type: "less-or-equal", attribute: "n", value: Buffer.from("1") }],
    ["(n~=1)", { type: "approx", attribute: "n", value: Buffer.from("1") }],
    ["(cn=a*)", { type: "substrings", attribute: "cn", initial: Buffer.from("a"), any: [] }],
    ["(cn=*a)", { type: "substrings", attribute: "cn", any: [], final: Buffer.from("a") }],
    ["(cn=*a*)", { type: "substrings", attribute: "cn", any: [Buffer.from("a")] }],
    [
      "(cn=a*\\2a*c* d)",
      {
        type: "substrings",
        attribute: "cn",
        initial: Buffer.from("a"),
        any: [Buffer.from("*"), Buffer.from("c")],
        final: Buffer.from(" d"),
      },
    ],
    ["(&)", { type: "and", filters: [] }],
    ["(|)", { type: "or", filters: [] }],
    ["(!(a=b))", { type: "not", filter: equal("a", "b") }],
    [
      "(&(a=b)(|(c=d)))",
      { type: "and", filters: [equal("a", "b"), { type: "or", filters: [equal("c", "d")] }] },
    ],
    ["(& (a=b)\n\t(c=d)\r\n)", { type: "and", filters: [equal("a", "b"), equal("c", "d")] }],
    [" ( ! ( a=b) ) ", { type: "not", filter: equal("a", "b") }],
    [
      "(cn:caseExactMatch:=a)",
      {
        type: "extensible",
        attribute: "cn",
        rule: "caseExactMatch",
        dnAttributes: false,
        value: Buffer.from("a"),
      },
    ],
    [
      "(cn:=a)",
      { type: "extensible", attribute: "cn", dnAttributes: false, value: Buffer.from("a") },
    ],
    [
      "(ou:dn:=a)",
      { type: "extensible", attribute: "ou", dnAttributes: true, value: Buffer.from("a") },
    ],
    [
      "(:DN:2.4.6.8.10:=a)",
      { type: "extensible", rule: "2.4.6.8.10", dnAttributes: true, value: Buffer.from("a") },
    ],
    [
      "(memberOf:1.2.840.113556.1.4.1941:=cn=a,dc=x)",
      {
        type: "extensible",
        attribute: "memberOf",
        rule: "1.2.840.113556.1.4.1941",
        dnAttributes: false,
        value: Buffer.from("cn=a,dc=x"),
      },
    ],
  ];
  for (const [text, filter] of readable) {
    it(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(parseFilter(text), filter));
  }

  /** Each with the place that the caret must mark. */
  const unreadable: readonly (readonly [string, number])[] = [
    ["", 0],
    ["  \n ", 4],
    ["a=b", 0],
    ["-cn=", 0],
    ["(", 1],
    [")", 0],
    ["()", 1],
    ["(a)", 2],
    ["(a=b", 4],
    ["(a=b))", 5],
    ["(a=b)c", 5],
    ["(a=b)(c=d)", 5],
    ["((a=b))", 1],
    ["(-cn=a)", 1],
    ["(_cn=a)", 1],
    ["(1cn=a)", 1],
    ["(cn =a)", 3],
    ["(cn;=a)", 3],
    ["(=a)", 1],
    ["(cn==a)x", 7],
    ["(cn>a)", 3],
    ["(cn=**)", 5],
    ["(cn=a**b)", 6],
    ["(cn=***)", 5],
    ["(n>=*)", 4],
    ["(cn:=a*)", 6],
    ["(cn=a(b)c)", 5],
    ["(cn=a\\)", 5],
    ["(cn=a\\2)", 5],
    ["(cn=a\\zz)", 5],
    ["(cn=\\*)", 4],
    ["(cn=a\0b)", 5],
    ["(cn=\ud800)", 5],
    ["(!)", 2],
    ["(!a=b)", 2],
    ["(!(a=b)(c=d))", 7],
    ["(&(a=b)c=d)", 7],
    ["(&a=b)", 2],
    ["(&(a=b)(c=d)", 12],
    ["(:=a)", 1],
    ["(:dn:=a)", 4],
    ["(cn::=a)", 4],
    ["(cn:rule=a)", 8],
    ["(cn:dn:)", 7],
    ["(cn:a b:=a)", 5],
  ];
  for (const [text, at] of unreadable) {
    it(`refuses ${JSON.stringify(text)} and marks the place`, () => {
      assert.throws(
        () => parseFilter(text, "filter"),
        (error) => {
          assert.ok(error instanceof ConfigError);
          assert.equal(error.option, "filter");
          const [, shown = "", caret = ""] = error.message.split("\n");
          assert.equal([...shown].length - 2, [...text].length);
          assert.equal(caret.indexOf("^") - 2, at);
          return true;
        },
      );
    });
  }

  it("refuses what is not text", () => {
    for (const value of [undefined, null, 1, {}, ["(a=b)"]]) {
      assert.throws(() => parseFilter(value as string), ConfigError);
    }
  });

  it("cuts a long text around the place", () => {
    const text = `(|${"(cn=somebody)".repeat(1000)}(oops)${"(cn=somebody)".repeat(1000)})`;
    assert.throws(() => parseFilter(text), /^ConfigError: .*\n {2}….{50}\).{49}…\n {53}\^$/);
  });

  it("shows no control characters", () => {
    assert.throws(
      () => parseFilter("(cn=\u001b[31m\u2028\u202e\r\n\0)"),
      (error: Error) => !/(?!\n)[\p{Cc}\p{Cf}\p{Zl}]/u.test(error.message),
    );
  });

  it("reads filters nested 100 deep and refuses more", () => {
    const nested = (depth: number) => `${"(!".repeat(depth - 1)}(a=b)${")".repeat(depth - 1)}`;
    assert.equal(formatFilter(parseFilter(nested(100))), nested(100));
    assert.throws(() => parseFilter(nested(101)), /more than 100 deep/);
  });

  it("reads texts of a million characters and refuses longer ones", () => {
    for (const [start, piece, end] of [
      ["(", "a", "=b)"],
      ["(a", ";a", "=b)"],
      ["(1", ".1", "=b)"],
      ["(a=", "\\2a", ")"],
      ["(&", "(a=b)", ")"],
    ] as const) {
      const fitting = Math.floor((1_000_000 - start.length - end.length) / piece.length);
      assert.ok(parseFilter(start + piece.repeat(fitting) + end));
      const tooLong = start + piece.repeat(100 * fitting) + end;
      assert.throws(() => parseFilter(tooLong), /at most 1000000 characters/);
    }
  });

  it("costs no more than its length, whatever the text", () => {
    for (const piece of [
      "(",
      ")",
      "(&",
      "(!",
      "(a=b)",
      "\\2a",
      "\\2aa",
      "a",
      " ",
      "*",
      "*a",
      ";a",
      ".1",
      "((a=b)",
    ]) {
      for (const [start, end] of [
        ["", ""],
        ["(&", ")"],
        ["(a=", ")"],
        ["(a", "=b)"],
        ["(1", "=b)"],
      ]) {
        assertLinear((times) => {
          try {
            parseFilter(`${start}${piece.repeat(times)}${end}`);
          } catch (error) {
            assert.ok(error instanceof ConfigError);
          }
        });
      }
    }
  });

  it("throws nothing but ConfigErrors", () => {
    const noise = fc.array(
      fc.oneof(
        fc.constantFrom(..."()&|!=*\\:;<>~ \n\0".split(""), "cn", ":dn:", "\\2a"),
        fc.string({ unit: "binary" }),
      ),
    );
    fc.assert(
      fc.property(noise, (pieces) => {
        try {
          parseFilter(pieces.join(""));
        } catch (error) {
          assert.ok(error instanceof ConfigError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("parseFilters", () => {
  it("reads filters side by side", () => {
    assert.deepEqual(parseFilters(" (a=b) (c=d) "), [equal("a", "b"), equal("c", "d")]);
  });

  it("refuses text between, before and after them", () => {
    for (const text of ["", "(a=b)x(c=d)", "a=b)(c=d", "(a=b)(c=d))", "x(a=b)"]) {
      assert.throws(() => parseFilters(text), ConfigError);
    }
  });
});

describe("formatFilter", () => {
  it("writes what parseFilter reads back to the same filter", () => {
    fc.assert(
      fc.property(anyFilter, (filter) => {
        const text = formatFilter(filter);
        assert.deepEqual(parseFilter(text), filter);
        assert.equal(formatFilter(parseFilter(text)), text);
      }),
      { numRuns: 1000 },
    );
  });

  it("leaves text readable and escapes the rest byte by byte", () => {
    const cases = [
      ["José (x)*\\", "José \\28x\\29\\2a\\5c"],
      ["a\0\n\u001b\u0085\u2028", "a\\00\\0a\\1b\\c2\\85\\e2\\80\\a8"],
      [Buffer.from("ff80617a20c3", "hex"), "\\ff\\80az \\c3"],
      [Buffer.from("efbbbf61", "hex"), "\\ef\\bb\\bfa"],
    ] as const;
    for (const [value, text] of cases) assert.equal(escapeFilterValue(value), text);
  });

  it("can't be left by a value", () => {
    const value = Buffer.from("a)(uid=*");
    assert.equal(formatFilter({ type: "equal", attribute: "cn", value }), "(cn=a\\29\\28uid=\\2a)");
  });
});
