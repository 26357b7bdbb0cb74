import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Dn, escapeDnValue, formatDn, normalizeDn, parseDn } from "../../src/ldap/dn.ts";
import { assertLinear } from "../support/assert-linear.ts";

const anyValue = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom(...' ,+"\\<>;=#\0\naÄ'.split("")) }),
  fc.constant(Buffer.from("ff80", "hex")),
  fc.constant(Buffer.alloc(300, 0xff)),
);

const anyDn: fc.Arbitrary<Dn> = fc.array(
  fc.array(
    fc.record(
      {
        type: fc.constantFrom("cn", "OU", "2.5.4.3", "x-my_type", "1.3.6.1.4.1.1"),
        value: anyValue,
      },
      { noNullPrototype: true },
    ),
    { minLength: 1, maxLength: 3 },
  ),
  { maxLength: 4 },
);

describe("parseDn", () => {
  const one = (type: string, value: string | Buffer): Dn => [[{ type, value }]];

  const readable: readonly (readonly [string, Dn])[] = [
    ["", []],
    ["  ", []],
    ["uid=a", one("uid", "a")],
    ["UID = a ", one("UID", "a")],
    ["cn=", one("cn", "")],
    ["cn=a b=c#d", one("cn", "a b=c#d")],
    ["cn=Doe\\, Jane", one("cn", "Doe, Jane")],
    ["cn=Doe\\2C Jane", one("cn", "Doe, Jane")],
    ['cn=\\"\\+\\,\\;\\<\\=\\>\\#\\ \\\\', one("cn", '"+,;<=># \\')],
    ["cn=\\ a\\ ", one("cn", " a ")],
    ["cn=  \\20a\\20  ", one("cn", " a ")],
    ["cn=Jos\\C3\\A9", one("cn", "José")],
    ["cn=José", one("cn", "José")],
    ["cn=\\ff\\80", one("cn", Buffer.from("ff80", "hex"))],
    ["cn=#04024869", one("cn", "Hi")],
    ["cn=#0c024869 ", one("cn", "Hi")],
    ["cn=#04810141", one("cn", "A")],
    ["cn=#0401ff", one("cn", Buffer.from("ff", "hex"))],
    ["0.9.2342.19200300.100.1.1=a", one("0.9.2342.19200300.100.1.1", "a")],
    [
      "uid=a+cn=b , dc=x",
      [
        [
          { type: "uid", value: "a" },
          { type: "cn", value: "b" },
        ],
        [{ type: "dc", value: "x" }],
      ],
    ],
  ];
  for (const [text, dn] of readable) {
    it(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(parseDn(text), dn));
  }

  const unreadable = [
    "a",
    "=a",
    "cn=a,",
    ",cn=a",
    "cn=a,,dc=x",
    "cn=a+",
    "cn=a+,dc=x",
    "cn=a;dc=x",
    'cn="a"',
    "cn=a<b",
    "cn=a>b",
    "cn=a\\",
    "cn=a\\x",
    "cn=a\\2",
    "cn=a\0",
    "cn=\ud800",
    "cn;lang-en=a",
    "-cn=a",
    "_cn=a",
    "1=a",
    "2.=a",
    "c n=a",
    "cn=#",
    "cn=#0",
    "cn=#04",
    "cn=#0403484",
    "cn=#04034869",
    "cn=#04014869",
    "cn=#0480",
    "cn=#0485000000000141",
    "cn=#048141",
    "cn=#3003020101",
    "cn=#04024869x",
    "<GUID=a>",
  ];
  for (const text of unreadable) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseDn(text), undefined));
  }

  it("refuses what is not text", () => {
    for (const value of [undefined, null, 1, {}, ["cn=a"]]) {
      assert.equal(parseDn(value as string), undefined);
    }
  });

  it("throws at nothing", () => {
    const piece = fc.oneof(
      fc.constantFrom(...'=,+;\\"#<> \0'.split(""), "cn", "\\2c", "#04"),
      fc.string({ unit: "binary" }),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const key = normalizeDn(pieces.join(""));
        if (key !== undefined) assert.equal(normalizeDn(key), key);
      }),
      { numRuns: 3000 },
    );
  });

  it("reads texts of a million characters and refuses longer ones", () => {
    for (const piece of ["a", "\\2c", "\\,", "+cn=a", ",dc=x"]) {
      const fitting = Math.floor(999_000 / piece.length);
      assert.ok(parseDn(`cn=${piece.repeat(fitting)}`));
      assert.equal(parseDn(`cn=${piece.repeat(100 * fitting)}`), undefined);
    }
  });

  it("costs no more than its length", () => {
    for (const start of ["", "cn=", "cn=a", "cn=a\\20", "cn=#04"]) {
      for (const piece of [
        "a",
        " ",
        "\\ ",
        " \\20",
        "\\2c",
        "+cn=a",
        ",cn=a",
        "00",
        ".1",
        "=",
        "\u0301\u0323",
      ]) {
        for (const end of ["", ";"]) {
          assertLinear((times) => normalizeDn(start + piece.repeat(times) + end));
        }
      }
    }
  });
});

describe("formatDn", () => {
  it("writes what parseDn reads back to the same DN", () => {
    fc.assert(
      fc.property(anyDn, (dn) => assert.deepEqual(parseDn(formatDn(dn)), dn)),
      { numRuns: 2000 },
    );
  });
});

describe("escapeDnValue", () => {
  const cases = [
    ["plain é", "plain é"],
    [" lead", "\\ lead"],
    ["trail ", "trail\\ "],
    [" ", "\\ "],
    ["  ", "\\ \\ "],
    ["\\ ", "\\\\\\ "],
    ["#hash", "\\#hash"],
    ["a#b", "a#b"],
    ["x,ou=admins", "x\\,ou\\=admins"],
    ["x+cn=y", "x\\+cn\\=y"],
    ['"<>;\\', '\\"\\<\\>\\;\\\\'],
    ["a\0b\n", "a\\00b\\0a"],
    ["", ""],
  ] as const;
  for (const [value, text] of cases) {
    it(`writes ${JSON.stringify(value)} as ${text}`, () =>
      assert.equal(escapeDnValue(value), text));
  }

  it("keeps any value in its one RDN", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (value) => {
        assert.deepEqual(parseDn(`uid=${escapeDnValue(value)},dc=x`), [
          [{ type: "uid", value }],
          [{ type: "dc", value: "x" }],
        ]);
      }),
    );
  });
});

function isSameDn(a: string, b: string): boolean {
  const normalized = normalizeDn(a);
  return normalized !== undefined && normalized === normalizeDn(b);
}

describe("normalised DNs", () => {
  const same: readonly (readonly [string, string])[] = [
    ["uid=alice,dc=x", "UID=Alice , DC=X"],
    ["cn=Doe\\, Jane,dc=x", "cn=doe\\2c jane,dc=x"],
    ["uid=a+cn=b,dc=x", "cn=b+uid=a,dc=x"],
    ["2.5.4.3=a,0.9.2342.19200300.100.1.25=x", "cn=a,domainComponent=x"],
    ["cn=#04024869", "cn=hi"],
    ["cn=a  b", "cn= a b "],
    ["cn=\\20a\\20", "cn=a"],
    ["cn=\\ \\ ", "cn=\\20"],
    ["cn=\\c3\\89", "cn=é"],
    ["cn=\\ff", "CN=#0401ff"],
    ["", " "],
  ];
  for (const [a, b] of same) {
    it(`is true of ${JSON.stringify(a)} and ${JSON.stringify(b)}`, () => {
      assert.equal(isSameDn(a, b), true);
      assert.equal(isSameDn(b, a), true);
    });
  }

  const different: readonly (readonly [string, string])[] = [
    ["cn=admins,ou=groups,dc=x", "cn=admins,ou=evil,dc=x"],
    ["cn=a,dc=x", "cn=a"],
    ["cn=a\\,dc=x", "cn=a,dc=x"],
    ["cn=a\\+uid=b", "cn=a+uid=b"],
    ["cn=a,dc=x+dc=y", "cn=a,dc=x,dc=y"],
    ["cn=", "cn=\\20"],
    ["cn=ab", "cn=a b"],
    ["cn=\\#04024869", "cn=#04024869"],
    ["cn=\\#0401ff", "cn=#0401ff"],
    ["cn=admin", "cn=аdmin"],
    ["cn=admin", "cn=ａｄｍｉｎ"],
    ["cn=i", "cn=İ"],
    ["cn=jose", "cn=josé"],
    ["uid=a", "cn=a"],
    ["not a dn", "not a dn"],
    ["cn=a,", "cn=a,"],
  ];
  for (const [a, b] of different) {
    it(`is false of ${JSON.stringify(a)} and ${JSON.stringify(b)}`, () => {
      assert.equal(isSameDn(a, b), false);
      assert.equal(isSameDn(b, a), false);
    });
  }

  it("is true of every DN and its other spellings", () => {
    fc.assert(
      fc.property(anyDn, (dn) => {
        const text = formatDn(dn);
        const shuffled = formatDn(dn.map((rdn) => rdn.toReversed()));
        assert.ok(isSameDn(text, shuffled));
        assert.ok(isSameDn(text, ` ${text.replaceAll(/(?<!\\),/g, " , ")}`));
        assert.equal(normalizeDn(normalizeDn(text) ?? "?"), normalizeDn(text));
      }),
      { numRuns: 1000 },
    );
  });
});
