import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ConfigError } from "../../src/errors.ts";
import { CannotTell } from "../../src/expressions/cannot-tell.ts";
import { compilePattern } from "../../src/expressions/pattern/pattern.ts";
import { assertLinear } from "../support/assert-linear.ts";

describe("compilePattern", () => {
  const MATCHES: readonly (readonly [
    pattern: string,
    text: string,
    groups: readonly string[] | undefined,
  ])[] = [
    ["", "abc", [""]],
    ["b", "abc", ["b"]],
    ["^b", "abc", undefined],
    ["(a|ab)(c|bcd)(d*)", "xabcd", ["abcd", "a", "bcd", ""]],
    ["a+?", "aaa", ["a"]],
    ["(a+)(a*)", "aaa", ["aaa", "aaa", ""]],
    ["(?:(a)|b)*", "ab", ["ab", "a"]],
    ["x*", "aaa", [""]],
    ["a{2}", "aaa", ["aa"]],
    ["a{2,}?", "aaaa", ["aa"]],
    ["a{0,2}b", "aaab", ["aab"]],
    ["^a{$", "a{", ["a{"]],
    ["^.$", "\n", ["\n"]],
    ["a$", "a\n", undefined],
    ["a\\Z", "a\n", ["a"]],
    ["(?m)^b$", "a\nb\nc", ["b"]],
    ["(?m)^$", "a\n", undefined],
    ["(?-s)a.b", "a\nb", undefined],
    ["^(?i)A(?-i)b$", "ab", ["ab"]],
    ["^(?i)A(?-i)b$", "aB", undefined],
    ["^(?i:a)b$", "Ab", ["Ab"]],
    ["^(?:a(?i)b|c)$", "C", ["C"]],
    ["^[]a]+$", "]a", ["]a"]],
    ["^[^]a]$", "a", undefined],
    ["^[\\w-]+$", "a-b", ["a-b"]],
    ["^[a\\-z]+$", "b", undefined],
    ["^[[:upper:][:digit:]]+$", "A1", ["A1"]],
    ["^[[:^digit:]]$", "1", undefined],
    ["^[\\x41-\\x43]+$", "ABC", ["ABC"]],
    ["^\\s$", "\u00a0", undefined],
    ["^\\w$", "ä", undefined],
    ["\\bfoo\\b", "a foo.", ["foo"]],
    ["o\\B", "foo", ["o"]],
    ["^(?!foo)", "foobar", undefined],
    ["^(?!foo)", "bar", [""]],
    ["(?<!foo)bar", "foobar", undefined],
    ["(?<=fo+)bar", "foobar", ["bar"]],
    ["(?=.*b)(?=.*a)^..$", "ab", ["ab"]],
    ["a(?=b(?!c))", "abc", undefined],
    ["(?<year>\\d{4})-(?P<month>\\d\\d)", "on 2024-05", ["2024-05", "2024", "05"]],
    ["\\/\\.\\#\\-", "/.#-", ["/.#-"]],
    ["^ä+$", "ää", undefined],
    ["^..$", "ä", ["ä"]],
  ];
  for (const [pattern, text, groups] of MATCHES) {
    it(`${groups ? "finds" : "does not find"} ${pattern} in ${JSON.stringify(text)}`, () => {
      assert.deepEqual(compilePattern(pattern).match(text), groups);
      assert.equal(compilePattern(pattern).test(text), groups !== undefined);
    });
  }

  it("ignores the case of ASCII letters only", () => {
    const pattern = compilePattern("^[k-m]Ä[^x]$", { ignoreCase: true });
    assert.equal(pattern.test("LÄa"), true);
    assert.equal(pattern.test("Läa"), false);
    assert.equal(pattern.test("LÄX"), false);
    assert.equal(compilePattern("k", { ignoreCase: true }).test("\u212a"), false);
  });

  for (const pattern of [
    "(",
    ")",
    "(a",
    "a)",
    "[a",
    "[]",
    "[z-a]",
    "[a-\\d]",
    "[[:nothing:]]",
    "[[.a.]]",
    "*",
    "a**",
    "a|*",
    "^*",
    "(?=a)*",
    "a++",
    "a{1}+",
    "a{2,1}",
    "a{,2}",
    "a{1001}",
    "(a*)*",
    "(a)\\1",
    "(?<x>a)\\k<x>",
    "(?>a)",
    "(?|a)",
    "(?R)",
    "(?(1)a)",
    "(?#x)",
    "(?x)a b",
    "(?=(a))",
    "(*ANY)a",
    "\\Qa\\E",
    "\\R",
    "\\K",
    "\\pL",
    "\\X",
    "\\0",
    "\\x{100}",
    "\\x00",
    "\\cA",
    "\\",
    "a\\",
    "(?:a{100}){100}",
    "(".repeat(5_000),
  ]) {
    it(`refuses ${pattern.slice(0, 30)}`, () => {
      assert.throws(() => compilePattern(pattern), ConfigError);
    });
  }

  it("marks the place", () => {
    assert.throws(() => compilePattern("ab(?>c)"), {
      message: /this kind of group can't be honoured\n {2}ab\(\?>c\)\n {4}\^/,
    });
  });

  it("takes linear time for what costs others exponential time", () => {
    const patterns = ["^(?:a+)+$", "^(?:a|aa)+$", "(?:.*){3}b", "(?=.*b)(?<=a)c", "(a?){20}b"];
    const compiled = patterns.map((pattern) => compilePattern(pattern.replace("(a?)", "(?:a?)")));
    assertLinear((times) => {
      for (const pattern of compiled) pattern.test("a".repeat(times));
    });
  });

  it("cannot tell for a text that would take too long", () => {
    const pattern = compilePattern("[ab]{500}c");
    assert.equal(pattern.test("a".repeat(8_000)), false);
    assert.throws(() => pattern.test("a".repeat(100_000)), CannotTell);
  });

  it("agrees with JavaScript where both mean the same", () => {
    const atom = fc.constantFrom("a", "b", "c", ".", "[ab]", "[^a]", "\\w", "\\b", "(?:a|bc)");
    const quantified = fc
      .tuple(atom, fc.constantFrom("", "", "*", "+", "?", "*?", "+?", "{2}", "{1,3}"))
      .filter(([first, quantifier]) => quantifier === "" || first !== "\\b")
      .map((parts) => parts.join(""));
    // Only in front: V8 14 (Node 26) finds nothing for /(.+?[^a]^)|()/s, which matches everything.
    const start = fc.constantFrom("", "", "^");
    const sequence = fc
      .tuple(start, fc.array(quantified, { maxLength: 5 }))
      .map(([first, parts]) => first + parts.join(""));
    const look = fc.tuple(fc.constantFrom("(?=", "(?!", "(?<=", "(?<!"), sequence);
    const source = fc.oneof(
      sequence,
      fc.tuple(sequence, sequence).map(([one, other]) => `(${one})|(${other})`),
      fc.tuple(look, sequence).map(([[kind, one], other]) => `${kind}${one})(${other})`),
    );
    const text = fc.string({ unit: fc.constantFrom("a", "b", "c", " "), maxLength: 10 });
    fc.assert(
      fc.property(source, text, (pattern, subject) => {
        const found = new RegExp(pattern, "s").exec(subject);
        const expected = found ? Array.from(found, (group) => group ?? "") : undefined;
        assert.deepEqual(compilePattern(pattern).match(subject), expected);
      }),
      { numRuns: 5_000 },
    );
  });

  it("throws nothing but ConfigError, whatever it is given", () => {
    const pieces = fc.constantFrom(
      ..."( ) [ ] { } * + ? | ^ $ . \\ - : = ! < > P ' , 0 9 a i s".split(" "),
    );
    const arbitrary = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(arbitrary, fc.string({ unit: "binary" }), (source, text) => {
        try {
          compilePattern(source).match(text);
        } catch (error) {
          assert(error instanceof ConfigError, String(error));
        }
      }),
      { numRuns: 10_000 },
    );
  });
});
