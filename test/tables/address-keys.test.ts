import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { ConfigError } from "../../src/errors.ts";
import { addressKeys } from "../../src/tables/address-keys.ts";

interface KeyRecord {
  readonly sender: string;
  readonly ldapFilters?: readonly string[];
}

const RECORDS: readonly KeyRecord[] = JSON.parse(
  readFileSync(new URL("../fixtures/postfix/smtpd.json", import.meta.url), "utf8"),
);
const keysOf = addressKeys({ recipientDelimiter: "+", origin: "mail.example.org" });

describe("the keys of an address are those that a real smtpd looked up:", () => {
  const records = RECORDS.flatMap(({ sender, ldapFilters }) =>
    ldapFilters ? [{ sender, ldapFilters }] : [],
  );
  for (const { sender, ldapFilters } of records) {
    it(JSON.stringify(sender), () => {
      const filters = keysOf(sender).map((key) => `(mailacceptinggeneralid=${key.toLowerCase()})`);
      // It stopped where it found one, in the log of the directory.
      assert.deepEqual(filters.slice(0, ldapFilters.length), ldapFilters);
    });
  }
  it("all of them", () => assert.equal(records.length, 11));
});

describe("addressKeys", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    [
      "user+ext@sub.d.example",
      [
        ...["user+ext@sub.d.example", "user@sub.d.example"],
        ...["sub.d.example", "d.example", "example", "user+ext@", "user@"],
      ],
    ],
    ["u@example", ["u@example", "example", "u@"]],
    ["+ext@example", ["+ext@example", "example", "+ext@"]],
    ["u+@example", ["u+@example", "u@example", "example", "u+@", "u@"]],
    ["u+a+b@example", ["u+a+b@example", "u@example", "example", "u+a+b@", "u@"]],
    ["a@b@example", ["a@b@example", "example", "a@b@"]],
    ["u@example.", ["u@example", "example", "u@"]],
    ["u@[192.0.2.1]", ["u@[192.0.2.1]", "[192.0.2.1]", "u@"]],
    ["", ["<>"]],
    ["<>", ["<>"]],
  ];
  for (const [address, keys] of cases) {
    it(`gives ${JSON.stringify(address)} its keys`, () => {
      assert.deepEqual(keysOf(address), keys);
    });
  }

  it("knows no extensions where no delimiter is set, and several where several are", () => {
    assert.deepEqual(addressKeys()("u+x@example"), ["u+x@example", "example", "u+x@"]);
    const keys = addressKeys({ recipientDelimiter: "+-" });
    assert.deepEqual(keys("u-x+y@example").slice(0, 2), ["u-x+y@example", "u@example"]);
  });

  it("takes lists' own addresses apart no more than Postfix does", () => {
    const keys = addressKeys({ recipientDelimiter: "-" });
    for (const whole of ["owner-list", "list-request", "double-bounce", "Mailer-Daemon"]) {
      assert.deepEqual(keys(`${whole}@example`), [`${whole}@example`, "example", `${whole}@`]);
    }
  });

  it("looks up a name without a domain as it is, where no origin is set", () => {
    assert.deepEqual(addressKeys()("byuser"), ["byuser", "byuser@"]);
  });

  it("sees through quotes: the same person has the same keys", () => {
    const keys = keysOf("testuser2@example.org");
    for (const disguise of [
      '"testuser2"@example.org',
      '"test"user2@example.org',
      '"test\\user2"@example.org',
      "test\\user2@example.org",
      "testuser2@example.org.",
    ]) {
      assert.deepEqual(keysOf(disguise), keys, disguise);
    }
    assert.equal(keysOf('"a b"@example.org')[0], "a b@example.org");
  });

  const none: Readonly<Record<string, unknown>> = {
    "several addresses": "a@example.org; b@example.org",
    "several addresses with a comma": "a@example.org,b@example.org",
    "a blank before": " a@example.org",
    "a blank behind": "a@example.org ",
    "a comment": "a(x)@example.org",
    "angle brackets": "<a@example.org>",
    "a source route": "@a,@b:user@example.org",
    "a NUL": "a\0@example.org",
    "a NUL in the domain": "a@example.org\0",
    "a line end": "a@example.org\n",
    "half a letter": "a\ud800@example.org",
    "half a letter in the domain": "a@\udc00example.org",
    "an open quote": '"a@example.org',
    "a backslash alone": "\\@example.org",
    "no name": "@example.org",
    "an empty name in quotes": '""@example.org',
    "no domain": "a@",
    "no domain but a dot": "a@.",
    "a long name": `${"a".repeat(501)}@example.org`,
    "a long domain": `a@${"aa.".repeat(86)}`,
    "a very long text": "a".repeat(1_000_000),
    "no text": undefined,
    "a list": ["a@example.org"],
  };
  for (const [what, address] of Object.entries(none)) {
    it(`gives no keys to ${what}`, () => assert.deepEqual(keysOf(address as string), []));
  }

  it("takes no time over what is made to take it", () => {
    const began = performance.now();
    for (const piece of ["\\a", '"a"', '"', "a.", ".", "+", "@", "-request", "\\"]) {
      keysOf(piece.repeat(700 / piece.length));
      keysOf(`${piece.repeat(400 / piece.length)}@${piece.repeat(200 / piece.length)}`);
    }
    assert(performance.now() - began < 1_000);
  });

  it("refuses wrong options", () => {
    for (const options of [
      { recipientDelimeter: "+" },
      { recipientDelimiter: 1 },
      { origin: "" },
      { origin: "a b" },
    ]) {
      assert.throws(() => addressKeys(options as never), ConfigError);
    }
  });
});
