import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { textValues } from "../../src/ldap/entry.ts";
import { entry, result } from "../support/fake-server.ts";
import { ANYBODY, fakeServer, openedDirectory, soon, unhandled } from "./opened-directory.ts";

async function entryWith(attributes: Readonly<Record<string, readonly (string | Buffer)[]>>) {
  const server = await fakeServer(({ id }, { send }) =>
    send(entry(id, "uid=a,dc=test", attributes), result(id, 0x65, 0)),
  );
  const { directory } = openedDirectory([server.port]);
  const [found] = await directory.search(ANYBODY, soon());
  assert(found);
  return { entry: found, server };
}

describe("an entry", () => {
  it("has attributes by lower-case name, always as arrays", async () => {
    const found = await entryWith({ UID: ["a"], "cn;lang-EN": ["x", "y"] });
    assert.deepEqual(
      [...found.entry.attributes],
      [
        ["uid", ["a"]],
        ["cn;lang-en", ["x", "y"]],
      ],
    );
  });

  it("has no attribute that came without values, or did not come", async () => {
    const found = await entryWith({ uid: [] });
    assert.equal(found.entry.attributes.size, 0);
    assert.deepEqual(textValues(found.entry, "uid"), []);
  });

  it("keeps its DN and its prototype whatever its attributes are called", async () => {
    const found = await entryWith({
      dn: ["cn=admin"],
      ["__proto__"]: ["1"],
      constructor: ["2"],
      toString: ["3"],
    });
    assert.equal(found.entry.dn, "uid=a,dc=test");
    assert.deepEqual(textValues(found.entry, "dn"), ["cn=admin"]);
    assert.deepEqual(textValues(found.entry, "CONSTRUCTOR"), ["2"]);
    assert.deepEqual(textValues(found.entry, "__proto__"), ["1"]);
    assert.equal(Object.getPrototypeOf(found.entry.attributes), Map.prototype);
  });

  it("joins an attribute that comes twice in different letters", async () => {
    const found = await entryWith({ mail: ["a"], MAIL: ["b"] });
    assert.deepEqual(textValues(found.entry, "mail"), ["a", "b"]);
  });

  it("has text where a value is UTF-8 and bytes where it is not, each value for itself", async () => {
    const bytes = Buffer.from([0xff, 0xfe]);
    const found = await entryWith({ description: ["ä€😀", bytes, "\uFEFFbom", "nul\0nul"] });
    assert.deepEqual(found.entry.attributes.get("description"), [
      "ä€😀",
      bytes,
      "\uFEFFbom",
      "nul\0nul",
    ]);
  });

  it("has bytes for binary attributes also where they could be text", async () => {
    const names = [
      "objectGUID",
      "OBJECTSID",
      "jpegPhoto",
      "thumbnailPhoto",
      "audio",
      "userCertificate;binary",
      "x;binary",
    ];
    const found = await entryWith(Object.fromEntries(names.map((name) => [name, ["text"]])));
    for (const name of names) {
      assert.deepEqual(found.entry.attributes.get(name.toLowerCase()), [Buffer.from("text")], name);
    }
  });

  it("is asked for with no attributes as 1.1", async () => {
    const server = await fakeServer(({ id }, { send }) => send(result(id, 0x65, 0)));
    const { directory } = openedDirectory([server.port]);
    await directory.search({ ...ANYBODY, attributes: [] }, soon());
    assert(server.received[0]?.bytes.includes("1.1"));
  });
});

after(() => assert.deepEqual(unhandled, []));
