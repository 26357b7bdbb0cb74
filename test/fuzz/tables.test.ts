import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { readAccessResult } from "../../src/tables/access-result.ts";
import { addressKeys } from "../../src/tables/address-keys.ts";
import { assertLinear } from "../support/assert-linear.ts";

const ACTIONS = [
  ...["OK", "ok", "DUNNO", "PERMIT", "REJECT", "reject", "DEFER", "DEFER_IF_PERMIT", "WARN"],
  ...["DEFER_IF_REJECT", "INFO", "HOLD", "DISCARD", "FILTER", "permit_mynetworks", "250", "550"],
  ...[
    "450",
    "399",
    "600",
    "4.7.1",
    "5.1.1",
    "99.9.9",
    " ",
    "\t",
    "\n",
    ",",
    ":",
    "\0",
    "text",
    "ı",
  ],
];

const result = fc
  .array(fc.oneof(fc.constantFrom(...ACTIONS), fc.string({ unit: "binary", maxLength: 4 })), {
    maxLength: 8,
  })
  .map((parts) => parts.join(""));

describe("any text as an access(5) result", () => {
  it("lets pass only as OK, as permit before anything else, or as digits alone", () => {
    fc.assert(
      fc.property(result, (text) => {
        if (readAccessResult(text).kind !== "permit") return;
        assert.match(text, /^(?:ok(?:[ \t]|$)|[, \t\r\n]*permit(?:[, \t\r\n]|$)|[0-9]+$)/i);
      }),
      { numRuns: 20_000 },
    );
  });

  it("says nothing, or passes with a note, only by the words for that", () => {
    fc.assert(
      fc.property(result, (text) => {
        const { kind } = readAccessResult(text);
        if (kind === "dunno") assert.match(text, /^dunno(?:[ \t]|$)/i);
        if (kind === "note") assert.match(text, /^(?:warn|info|hold|filter)(?:[ \t]|$)/i);
      }),
      { numRuns: 20_000 },
    );
  });

  it("refuses with what can be answered and written anywhere", () => {
    fc.assert(
      fc.property(result, (text) => {
        const read = readAccessResult(text);
        if (!("restriction" in read)) return;
        const { kind, code, enhancedStatus, text: said } = read.restriction;
        assert(code >= 400 && code <= 599);
        assert.equal(kind, code < 500 ? "defer" : "reject");
        assert.match(enhancedStatus, /^[45]\.\d{1,3}\.\d{1,3}$/);
        assert.equal(enhancedStatus[0], String(code)[0]);
        assert(said.length >= 1 && said.length <= 1_000);
        assert(said.isWellFormed());
        assert.doesNotMatch(said, /[\p{Cc}\u2028\u2029\u202a-\u202e]/u);
        assert.doesNotMatch(read.action, /\p{Cc}/u);
      }),
      { numRuns: 20_000 },
    );
  });

  for (const piece of [" ", "\n", ",", "1", "5.7.1 ", "permit,", "REJECT ", "\0"]) {
    it(`takes time in step with the length of ${JSON.stringify(piece)}s`, () =>
      assertLinear((times) => {
        readAccessResult(piece.repeat(times));
        readAccessResult(`REJECT ${piece.repeat(times)}`);
      }));
  }
});

describe("any text as an address", () => {
  const words = [
    "user",
    "+",
    "@",
    ".",
    "example",
    '"',
    "\\",
    " ",
    "\0",
    "-",
    "owner-",
    "<",
    ",",
    "é",
  ];
  const address = fc
    .array(fc.oneof(fc.constantFrom(...words), fc.string({ unit: "binary", maxLength: 3 })), {
      maxLength: 12,
    })
    .map((parts) => parts.join(""));
  const keysOf = addressKeys({ recipientDelimiter: "+-" });

  it("has no keys, or ones that a table can be asked", () => {
    fc.assert(
      fc.property(address, (text) => {
        const keys = keysOf(text);
        assert(keys.length <= 260);
        for (const key of keys) {
          assert(key !== "" && key.isWellFormed());
          assert.doesNotMatch(key, /\p{Cc}/u);
        }
      }),
      { numRuns: 20_000 },
    );
  });

  it("has the same keys in quotes, with whatever backslashes", () => {
    const local = fc.stringMatching(/^[a-z+."\\ ]{1,12}$/);
    fc.assert(
      fc.property(local, (name) => {
        const quoted = `"${name.replace(/["\\]/g, "\\$&")}"@d.example`;
        const escaped = `${name.replace(/./g, "\\$&")}@d.example`;
        assert.equal(keysOf(quoted)[0], `${name}@d.example`);
        assert.deepEqual(keysOf(escaped), keysOf(quoted));
      }),
      { numRuns: 5_000 },
    );
  });
});
