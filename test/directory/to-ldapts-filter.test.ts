import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BerWriter, FilterParser } from "ldapts";
import { toLdaptsFilter } from "../../src/directory/to-ldapts-filter.ts";
import type { Filter } from "../../src/ldap/filter.ts";

const bytes = (text: string) => Buffer.from(text);

function written(filter: { write(writer: BerWriter): void }): string {
  const writer = new BerWriter();
  filter.write(writer);
  return writer.buffer.toString("hex");
}

describe("toLdaptsFilter", () => {
  /** ldapts writes these rightly, so it is the reference. */
  const cases: readonly (readonly [text: string, filter: Filter])[] = [
    ["(uid=alice)", { type: "equal", attribute: "uid", value: bytes("alice") }],
    ["(uid=*)", { type: "present", attribute: "uid" }],
    ["(uid>=5)", { type: "greater-or-equal", attribute: "uid", value: bytes("5") }],
    ["(uid<=5)", { type: "less-or-equal", attribute: "uid", value: bytes("5") }],
    ["(cn~=jon)", { type: "approx", attribute: "cn", value: bytes("jon") }],
    ["(!(uid=a))", { type: "not", filter: { type: "equal", attribute: "uid", value: bytes("a") } }],
    [
      "(&(uid=a)(|(cn=b)(sn=*)))",
      {
        type: "and",
        filters: [
          { type: "equal", attribute: "uid", value: bytes("a") },
          {
            type: "or",
            filters: [
              { type: "equal", attribute: "cn", value: bytes("b") },
              { type: "present", attribute: "sn" },
            ],
          },
        ],
      },
    ],
    ["(cn=a*)", { type: "substrings", attribute: "cn", initial: bytes("a"), any: [] }],
    ["(cn=*a)", { type: "substrings", attribute: "cn", any: [], final: bytes("a") }],
    [
      "(cn=a*b*c*d)",
      {
        type: "substrings",
        attribute: "cn",
        initial: bytes("a"),
        any: [bytes("b"), bytes("c")],
        final: bytes("d"),
      },
    ],
    [
      "(memberOf:1.2.840.113556.1.4.1941:=cn=x)",
      {
        type: "extensible",
        attribute: "memberOf",
        rule: "1.2.840.113556.1.4.1941",
        dnAttributes: false,
        value: bytes("cn=x"),
      },
    ],
    ["(ou:dn:=x)", { type: "extensible", attribute: "ou", dnAttributes: true, value: bytes("x") }],
  ];
  for (const [text, filter] of cases) {
    it(`writes ${text} as ldapts does`, () => {
      assert.equal(written(toLdaptsFilter(filter)), written(FilterParser.parseString(text)));
    });
  }

  it("writes what libldap writes", () => {
    // ldapsearch '(&(objectGUID=\ff\80\00)(cn=\2a*\29)(:caseExactMatch:=x))', as seen on the wire.
    const filter: Filter = {
      type: "and",
      filters: [
        { type: "equal", attribute: "objectGUID", value: Buffer.from([0xff, 0x80, 0]) },
        { type: "substrings", attribute: "cn", initial: bytes("*"), any: [], final: bytes(")") },
        { type: "extensible", rule: "caseExactMatch", dnAttributes: false, value: bytes("x") },
      ],
    };
    assert.equal(
      written(toLdaptsFilter(filter)),
      "a036a311040a6f626a656374475549440403ff8000a40c0402636e300680012a820129a913810e" +
        "6361736545786163744d61746368830178",
    );
  });

  it("passes bytes on that are not text, in every kind of value", () => {
    const raw = Buffer.from([0xff, 0xfe, 0x00, 0x2a]);
    const filters: readonly Filter[] = [
      { type: "equal", attribute: "a", value: raw },
      { type: "substrings", attribute: "a", initial: raw, any: [raw], final: raw },
      { type: "extensible", attribute: "a", dnAttributes: false, value: raw },
      { type: "greater-or-equal", attribute: "a", value: raw },
    ];
    for (const filter of filters) {
      assert(written(toLdaptsFilter(filter)).includes("04fffe002a"), filter.type);
    }
  });
});
