import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Person } from "../../src/authentication/person.ts";
import { compileRule } from "../../src/authorization/compile-rule.ts";
import type { RequestFacts } from "../../src/authorization/request-facts.ts";
import type { Rule } from "../../src/authorization/rule.ts";
import { startDeadline } from "../../src/directory/deadline.ts";
import { ConfigError } from "../../src/errors.ts";

const ALICE: Person = { dn: "uid=alice,dc=example,dc=org", username: "alice", attributes: {} };

const FACTS: RequestFacts = {
  method: "GET",
  clientAddress: "10.1.2.3",
  serverAddress: "10.1.0.1",
  variable: (name) => (name === "REQUEST_URI" ? "/public/x" : undefined),
  header: () => undefined,
  env: () => undefined,
};

/** The outcome for a request, or for none. */
async function outcome(rule: Rule, facts: Partial<RequestFacts> | undefined, person?: Person) {
  const decision = await compileRule(rule)({
    ...(person && { person }),
    ...(facts && { request: { ...FACTS, ...facts } }),
    deadline: startDeadline(1_000),
    url: undefined,
    levels: undefined,
  });
  assert.notEqual(decision.reason, "");
  return decision.outcome;
}

describe("an address", () => {
  const table: readonly (readonly [wanted: string, client: string, isIn: boolean])[] = [
    ["10.1.2.3", "10.1.2.3", true],
    ["10.1.2.3", "10.1.2.4", false],
    ["10.1.2.3", "::ffff:10.1.2.3", true],
    ["::ffff:10.1.2.3", "10.1.2.3", true],
    ["10.1", "10.1.255.255", true],
    ["10.1", "10.10.2.3", false],
    ["10", "10.9.8.7", true],
    ["10.1.0.0/16", "10.1.2.3", true],
    ["10.1.0.0/16", "10.2.2.3", false],
    ["10.1.0.0/255.255.0.0", "10.1.2.3", true],
    ["10.1.2.0/25", "10.1.2.127", true],
    ["10.1.2.0/25", "10.1.2.128", false],
    ["2001:db8::/32", "2001:db8:1::1", true],
    ["2001:db8::/32", "2001:db9::1", false],
    ["::1", "::1", true],
    ["::1", "0:0:0:0:0:0:0:1", true],
    ["fe80::/10", "fe80::1%eth0", true],
    ["0.0.0.0/1", "::1", false],
  ];
  for (const [wanted, client, isIn] of table) {
    it(`${client} is ${isIn ? "in" : "not in"} ${wanted}`, async () => {
      const rule: Rule = { type: "ip", addresses: ["192.0.2.7", wanted] };
      const expected = isIn ? "granted" : "denied";
      assert.equal(await outcome(rule, { clientAddress: client }), expected);
    });
  }

  for (const client of ["", "unknown", "10.1.2", "10.1.2.3, 10.1.2.4", "010.1.2.3", "::gg"]) {
    it(`that is none lets in neither by a rule nor by its opposite: ${JSON.stringify(client)}`, async () => {
      const facts = { clientAddress: client, serverAddress: client };
      for (const rule of [
        { type: "ip", addresses: ["10.1", "::/1"] },
        { type: "local" },
      ] as const) {
        assert.equal(await outcome(rule, facts), "denied");
        assert.equal(await outcome({ type: "none", rules: [rule] }, facts), "denied");
        const not: Rule = {
          type: "all",
          rules: [{ type: "granted" }, { type: "not", rules: [rule] }],
        };
        assert.equal(await outcome(not, facts), "denied");
      }
    });
  }

  for (const wrong of [
    "10.1.0.0/33",
    "10.1.0.0/",
    "10.256",
    "2001:db8::/129",
    "example.org",
    "10.1.0.0/0",
    " 10.1",
  ]) {
    it(`or network is refused at start if it is none: ${JSON.stringify(wrong)}`, () => {
      assert.throws(() => compileRule({ type: "ip", addresses: [wrong] }), ConfigError);
    });
  }

  it("is local on the loopback, and where client and server are one", async () => {
    const local: Rule = { type: "local" };
    for (const clientAddress of ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "10.1.0.1"]) {
      assert.equal(await outcome(local, { clientAddress }), "granted", clientAddress);
    }
    assert.equal(await outcome(local, {}), "denied");
  });
});

describe("a rule about the request", () => {
  it("takes a HEAD for a GET, and minds letter case", async () => {
    const rule: Rule = { type: "method", methods: ["GET", "PUT"] };
    assert.equal(await outcome(rule, { method: "HEAD" }), "granted");
    assert.equal(await outcome(rule, { method: "PUT" }), "granted");
    assert.equal(await outcome(rule, { method: "put" }), "denied");
    assert.equal(await outcome(rule, { method: "POST" }), "denied");
  });

  it("asks whether a variable is set, whatever it holds", async () => {
    const rule: Rule = { type: "env", names: ["NOPE", "SET"] };
    assert.equal(
      await outcome(rule, { env: (name) => (name === "SET" ? "" : undefined) }),
      "granted",
    );
    assert.equal(await outcome(rule, {}), "denied");
  });

  it("waits for a login only where an expression mentions who it is", async () => {
    const path: Rule = { type: "expr", expression: "%{REQUEST_URI} =~ m#^/public/#" };
    assert.equal(await outcome(path, {}), "granted");
    assert.equal(await outcome(path, { variable: () => "/private" }), "denied");
    const who: Rule = { type: "expr", expression: "%{REMOTE_USER} == 'alice'" };
    assert.equal(await outcome(who, {}), "no-user");
    assert.equal(await outcome(who, { variable: () => "alice" }, ALICE), "granted");
    assert.equal(await outcome(who, { variable: () => "bob" }, ALICE), "denied");
  });

  it("answers neither way to an expression that has no answer", async () => {
    const rule: Rule = { type: "expr", expression: "%{REQUEST_URI} =~ m#^(a|b)*x$#" };
    const facts = { variable: () => "ab".repeat(1_000_000) };
    assert.equal(await outcome(rule, facts), "denied");
    assert.equal(await outcome({ type: "none", rules: [rule] }, facts), "denied");
  });

  it("is undecided where there is no request", async () => {
    const rules: readonly Rule[] = [
      { type: "ip", addresses: ["10.1"] },
      { type: "local" },
      { type: "method", methods: ["GET"] },
      { type: "env", names: ["X"] },
      { type: "expr", expression: "%{REQUEST_URI} == '/'" },
    ];
    for (const rule of rules) {
      assert.equal(await outcome(rule, undefined, ALICE), "undecided");
      assert.equal(await outcome({ type: "none", rules: [rule] }, undefined, ALICE), "undecided");
    }
  });
});

describe("REMOTE_USER", () => {
  const rule: Rule = { type: "remote-user", names: ["bob", "alice"] };
  const named = (name: string | undefined) => ({ variable: () => name });

  it("is compared byte for byte", async () => {
    assert.equal(await outcome(rule, named("alice"), ALICE), "granted");
    assert.equal(await outcome(rule, named("Alice"), ALICE), "denied");
    assert.equal(await outcome(rule, named("alice "), ALICE), "denied");
  });

  it("is not the username of somebody who goes by no name", async () => {
    assert.equal(await outcome(rule, named(undefined), ALICE), "denied");
    const file: Rule = { type: "file-group", file: import.meta.filename, groups: ["staff"] };
    assert.equal(await outcome(file, named(undefined), ALICE), "denied");
    assert.equal(await outcome({ type: "none", rules: [file] }, named(undefined), ALICE), "denied");
  });

  it("is the username where there is no request", async () => {
    assert.equal(await outcome(rule, undefined, ALICE), "granted");
  });
});

describe("an AuthGroupFile", () => {
  let folder: string;
  let file: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "group-file-"));
    file = join(folder, "groups");
    await writeFile(file, "staff: bob\neditors: alice carol\n");
  });
  after(() => rm(folder, { recursive: true }));

  const named = (name: string) => ({ variable: () => name });

  it("says who is in a group, by the name that the request goes by", async () => {
    const editors = (): Rule => ({ type: "file-group", file, groups: ["x", "editors"] });
    assert.equal(await outcome(editors(), named("alice"), ALICE), "granted");
    assert.equal(await outcome(editors(), named("bob"), ALICE), "denied");
    assert.equal(await outcome(editors(), {}), "no-user");
    assert.equal(
      await outcome({ type: "none", rules: [editors()] }, named("bob"), ALICE),
      "granted",
    );
  });

  it("that can't be read lets in neither by a rule nor by its opposite", async () => {
    const file = join(folder, "vanishing");
    await writeFile(file, "editors: alice\n");
    const rule: Rule = { type: "file-group", file, groups: ["editors"] };
    const compiled = [compileRule(rule), compileRule({ type: "none", rules: [rule] })];
    await rm(file);
    for (const one of compiled) {
      const request = { ...FACTS, ...named("alice") };
      const deadline = startDeadline(1_000);
      const asked = { person: ALICE, request, deadline, url: undefined, levels: undefined };
      assert.equal((await one(asked)).outcome, "undecided");
    }
    assert.throws(() => compileRule(rule), ConfigError);
  });
});
