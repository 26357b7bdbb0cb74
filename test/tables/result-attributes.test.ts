import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readTable } from "../../src/importers/postfix/read-table.ts";
import type { Entry } from "../../src/ldap/entry.ts";
import { attributesInBoth, resultAttributes } from "../../src/tables/result-attributes.ts";

function attributes(parameters: Parameters<typeof readTable>[0]) {
  return resultAttributes(readTable(parameters));
}

function entry(...names: readonly string[]): Entry {
  return { dn: "dc=x", attributes: new Map(names.map((name) => [name, ["value"]])) };
}

const all = attributes({
  result_attribute: "Mail, uid",
  terminal_result_attribute: "maildrop",
  leaf_result_attribute: "cn uid",
  special_result_attribute: "memberdn mail",
});

describe("resultAttributes", () => {
  it("asks for each once, and never for everything", () => {
    assert.deepEqual(all.requested, ["maildrop", "cn", "uid", "mail", "memberdn"]);
    assert.deepEqual(attributes({ result_attribute: "* + 1.1" }).requested, []);
    assert.deepEqual(attributes({ result_attribute: "" }).requested, []);
    assert.deepEqual(attributes({}).requested, ["maildrop"]);
  });

  it("knows what each is, the first kind that names it", () => {
    const kinds = ["maildrop", "UID", "mail", "memberdn", "sn", "mailx"].map(all.kindOf);
    assert.deepEqual(kinds, ["terminal", "leaf", "ordinary", "special", undefined, undefined]);
  });

  it("takes an attribute with an option for the attribute, but not the other way round", () => {
    assert.equal(all.kindOf("mail;lang-en"), "ordinary");
    const one = attributes({ result_attribute: "mail;lang-en" });
    assert.equal(one.kindOf("mail;lang-en"), "ordinary");
    assert.equal(one.kindOf("mail;lang-en;x-y"), "ordinary");
    assert.equal(one.kindOf("mail"), undefined);
    assert.equal(one.kindOf("mail;lang-english"), undefined);
  });

  it("calls an entry terminal for the attribute itself, and no leaf for a special one", () => {
    assert.equal(all.isTerminal(entry("maildrop")), true);
    assert.equal(all.isTerminal(entry("maildrop;lang-en", "mail")), false);
    assert.equal(all.isLeaf(entry("mail", "cn")), false);
    assert.equal(all.isLeaf(entry("cn")), true);
    const withoutLeaves = attributes({ special_result_attribute: "memberdn" });
    assert.equal(withoutLeaves.isLeaf(entry("memberdn")), true);
  });
});

describe("attributesInBoth", () => {
  it("takes the more special of two", () => {
    assert.deepEqual(attributesInBoth(["MAIL", "mail"], ["mail"]), ["mail"]);
    assert.deepEqual(attributesInBoth(["mail"], ["mail;lang-en"]), ["mail;lang-en"]);
    assert.deepEqual(attributesInBoth(["mail;lang-en"], ["mail"]), ["mail;lang-en"]);
    assert.deepEqual(attributesInBoth(["mail;lang-de"], ["mail;lang-en"]), []);
    assert.deepEqual(attributesInBoth([], ["mail"]), []);
  });
});
