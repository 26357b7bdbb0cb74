import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ConfigError } from "../../src/errors.ts";
import { startDirectory } from "../../src/testing/index.ts";
import { parseLdif } from "../../src/testing/parse-ldif.ts";

const texts = (ldif: string): unknown =>
  parseLdif(ldif).map((record) =>
    record.operation === "add"
      ? [record.dn, ...record.attributes.map(({ name, values }) => [name, ...values.map(String)])]
      : record,
  );

describe("parseLdif", () => {
  it("reads content records: version, comments, folded lines, base64, CR LF", () => {
    const ldif = [
      "version: 1",
      "# a comment",
      "  that goes on",
      "dn: cn=a,",
      " dc=org",
      "cn: a",
      "description:: w6QK",
      "description:  two spaces before, two after  ",
      "sn:",
      "",
      "",
      "dn:: Y249w6Q=",
      "cn:x",
      "",
    ].join("\r\n");
    assert.deepEqual(texts(ldif), [
      [
        "cn=a,dc=org",
        ["cn", "a"],
        ["description", "ä\n", "two spaces before, two after  "],
        ["sn", ""],
      ],
      ["cn=ä", ["cn", "x"]],
    ]);
  });

  it("reads change records", () => {
    const ldif = `dn: cn=a
changetype: modify
add: mail
mail: a@b
-
delete: title
-
replace: sn
sn: x
sn: y
-

dn: cn=a
changetype: modrdn
newrdn: cn=b
deleteoldrdn: 1
newsuperior: dc=org

dn: cn=b
changetype: delete
`;
    assert.deepEqual(parseLdif(ldif), [
      {
        operation: "modify",
        dn: "cn=a",
        line: 1,
        changes: [
          { change: "add", name: "mail", values: [Buffer.from("a@b")] },
          { change: "delete", name: "title", values: [] },
          { change: "replace", name: "sn", values: [Buffer.from("x"), Buffer.from("y")] },
        ],
      },
      {
        operation: "modify-dn",
        dn: "cn=a",
        line: 13,
        newRdn: "cn=b",
        deleteOldRdn: true,
        newSuperior: "dc=org",
      },
      { operation: "delete", dn: "cn=b", line: 19 },
    ]);
  });

  const refused: readonly (readonly [why: string, ldif: string, line: number])[] = [
    ["a URL, which could read any file", "dn: cn=a\njpegPhoto:< file:///etc/passwd\n", 2],
    ["broken base64", "dn: cn=a\ncn:: %%%\n", 2],
    ["a line without a colon", "dn: cn=a\nnonsense\n", 2],
    ["a record without dn", "cn: a\n", 1],
    ["an entry without attributes", "dn: cn=a\n", 1],
    ["a folded line at the beginning", " x\n", 1],
    ["another version", "version: 2\ndn: cn=a\ncn: a\n", 1],
    ["an unknown changetype", "dn: cn=a\nchangetype: explode\n", 2],
    ["controls", "dn: cn=a\ncontrol: 1.2.3 true\nchangetype: delete\n", 2],
    ["an unknown change", "dn: cn=a\nchangetype: modify\nexplode: cn\n", 3],
    ["another attribute in a change", "dn: cn=a\nchangetype: modify\nadd: cn\nsn: x\n", 4],
    ["a modrdn without newrdn", "\n\ndn: cn=a\nchangetype: modrdn\n", 3],
  ];
  for (const [why, ldif, line] of refused) {
    it(`refuses ${why}, and tells the line`, () => {
      assert.throws(
        () => parseLdif(ldif),
        (error) => error instanceof ConfigError && error.message.includes(`line ${line}:`),
      );
    });
  }

  it("throws nothing but ConfigError", () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom("dn: cn=a", "changetype: modify", "add: x", "-", "", " x", "x:: AA=="),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        try {
          parseLdif(lines.join("\n"));
        } catch (error) {
          assert.ok(error instanceof ConfigError);
        }
      }),
    );
  });
});

describe("an LDIF that can't be loaded", () => {
  const rejected: readonly (readonly [why: string, ldif: string])[] = [
    ["a DN that is none", "dn: nonsense\ncn: a\n"],
    ["an entry that is there already", "dn: cn=a\ncn: a\n\ndn: CN=A\ncn: a\n"],
    ["an attribute name that is none", "dn: cn=a\nc(n: a\n"],
    ["a value that is given twice", "dn: cn=a\ncn: a\nmail: x@y\nmail: X@Y\n"],
    ["a value that its syntax does not allow", "dn: cn=a\nmember: nonsense\n"],
    ["a change of what is not there", "dn: cn=a\nchangetype: delete\n"],
  ];
  for (const [why, ldif] of rejected) {
    it(`is a ConfigError: ${why}`, async () => {
      await assert.rejects(startDirectory({ ldif }), {
        name: "ConfigError",
        message: /^ldif, line/,
      });
    });
  }

  it("is a ConfigError: a schema that is none", async () => {
    for (const schema of ["attributetype (", "attributetype x", "nonsense ( 1.2 NAME 'x' )"]) {
      await assert.rejects(startDirectory({ ldif: "", schema }), { name: "ConfigError" });
    }
  });
});
