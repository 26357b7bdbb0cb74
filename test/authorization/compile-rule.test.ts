import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Person } from "../../src/authentication/person.ts";
import { compileRule } from "../../src/authorization/compile-rule.ts";
import type { Question } from "../../src/authorization/question.ts";
import type { RequestFacts } from "../../src/authorization/request-facts.ts";
import type { Rule } from "../../src/authorization/rule.ts";
import { startDeadline } from "../../src/directory/deadline.ts";
import type { Searches } from "../../src/directory/directory.ts";
import { ConfigError } from "../../src/errors.ts";
import { parseAuthLdapUrl } from "../../src/ldap/parse-auth-ldap-url.ts";

const ALICE: Person = {
  dn: "uid=alice,dc=example,dc=org",
  username: "alice",
  attributes: { title: ["Level_2"] },
};
const OF_A_FILE: Person = { dn: "", username: "alice", provider: "file", attributes: {} };
const YES: Rule = { type: "granted" };
const NO: Rule = { type: "denied" };
const DN = "cn=admins,dc=example,dc=org";

/** A directory that must not be asked. */
const SILENT: Searches = {
  search: () => assert.fail("searched"),
  compare: () => assert.fail("compared"),
  reporting: () => SILENT,
};

function question(person?: Person, request: Partial<RequestFacts> = {}): Question {
  return {
    ...(person && { person }),
    identities: { compare: SILENT, search: SILENT, groups: SILENT },
    deadline: startDeadline(1_000),
    url: parseAuthLdapUrl("ldap://127.0.0.1/dc=example,dc=org?uid"),
    levels: { attribute: "title", pattern: "Level_*" },
    request: {
      method: "GET",
      clientAddress: "192.0.2.1",
      serverAddress: "192.0.2.2",
      variable: () => undefined,
      header: () => undefined,
      env: () => undefined,
      ...request,
    },
  };
}

const PERSON_RULES: readonly Rule[] = [
  { type: "valid-user" },
  { type: "user", names: ["alice"] },
  { type: "level", level: 1 },
  { type: "group", groups: [DN] },
  { type: "group", groups: [DN], nested: 3 },
  { type: "group", groups: [DN], nested: "auto" },
  { type: "dn", dns: [ALICE.dn] },
  { type: "attribute", attribute: "title", values: ["x"] },
  { type: "filter", filter: "(title=x)" },
  { type: "search", filter: "(title=x)" },
  { type: "remote-user", names: ["alice"] },
  { type: "file-group", file: import.meta.filename, groups: ["staff"] },
];

describe("a rule about who is signed in", () => {
  for (const rule of PERSON_RULES) {
    it(`is "no-user" while nobody is, and asks nothing: ${JSON.stringify(rule)}`, async () => {
      assert.equal((await compileRule(rule)(question())).outcome, "no-user");
      const none: Rule = { type: "none", rules: [rule] };
      assert.equal((await compileRule(none)(question())).outcome, "no-user");
    });
  }

  for (const rule of PERSON_RULES.slice(1, 10).filter(({ type }) => type !== "level")) {
    it(`refuses somebody who has no entry, and its opposite too: ${JSON.stringify(rule)}`, async () => {
      assert.equal((await compileRule(rule)(question(OF_A_FILE))).outcome, "denied");
      const none: Rule = { type: "none", rules: [rule] };
      assert.equal((await compileRule(none)(question(OF_A_FILE))).outcome, "denied");
      const not: Rule = { type: "all", rules: [YES, { type: "not", rules: [rule] }] };
      assert.equal((await compileRule(not)(question(OF_A_FILE))).outcome, "denied");
    });
  }

  it("lets in somebody of a file where it needs no entry", async () => {
    assert.equal(
      (await compileRule({ type: "valid-user" })(question(OF_A_FILE))).outcome,
      "granted",
    );
  });
});

describe("a decision", () => {
  it("says which rule it is of, and why, for each part", async () => {
    const rule: Rule = {
      type: "any",
      rules: [
        { type: "all", rules: [{ type: "level", level: 3 }, YES] },
        { type: "user", names: ["alice"] },
      ],
    };
    const decision = await compileRule(rule)(question(ALICE));
    assert.equal(decision.outcome, "granted");
    assert.equal(decision.rule, rule);
    const [all, user] = decision.parts ?? [];
    assert.equal(all?.outcome, "denied");
    assert.equal(all?.parts?.length, 1);
    assert.match(all?.reason ?? "", /title holds no level 3/);
    assert.equal(user?.outcome, "granted");
    assert.equal(user?.matched, "alice");
    assert.match(user?.reason ?? "", /user holds: alice/);
    assert.equal(user?.operations, undefined);
  });
});

describe("a level that holds", () => {
  it("names the value that made it hold", async () => {
    const decision = await compileRule({ type: "level", level: 1 })(question(ALICE));
    assert.equal(decision.matched, "Level_2");
    assert.equal(decision.reason, "level holds: Level_2");
  });
});

describe("negation", () => {
  const not = (...rules: readonly Rule[]): Rule => ({ type: "not", rules });
  const limited = (rule: Rule): Rule => ({ type: "limit", methods: ["GET"], except: false, rule });
  const wrong: Readonly<Record<string, Rule>> = {
    "in an any": { type: "any", rules: [YES, not(NO)] },
    "in a none": { type: "none", rules: [not(NO)] },
    "in another not": { type: "all", rules: [YES, not(not(YES))] },
    "in an any below <Limit>": { type: "any", rules: [YES, limited(not(NO))] },
    "alone in an all": { type: "all", rules: [not(NO)] },
    "alone in an all, with others of it": { type: "all", rules: [not(NO), not(NO)] },
    "alone in an all below <Limit>": { type: "all", rules: [limited(not(NO))] },
    "of nothing": { type: "all", rules: [YES, not()] },
  };
  for (const [where, rule] of Object.entries(wrong)) {
    it(`is refused at start ${where}`, () => assert.throws(() => compileRule(rule), ConfigError));
  }

  it("lets nobody in by itself", async () => {
    assert.equal((await compileRule(not(NO))(question(ALICE))).outcome, "denied");
  });

  it("native requireNone may stand anywhere, also alone", async () => {
    const none: Rule = { type: "none", rules: [NO] };
    for (const rule of [
      none,
      { type: "any", rules: [none] },
      { type: "all", rules: [none] },
    ] as const) {
      assert.equal((await compileRule(rule)(question())).outcome, "granted");
    }
  });

  it("with a person-less rule beside it asks for a login rather than let in", async () => {
    const none: Rule = { type: "none", rules: [NO, { type: "user", names: ["bob"] }] };
    assert.equal((await compileRule(none)(question())).outcome, "no-user");
    const any: Rule = { type: "any", rules: [NO, { type: "valid-user" }] };
    assert.equal((await compileRule(any)(question())).outcome, "no-user");
  });
});

describe("<Limit>", () => {
  const forPost = (rule: Rule): Rule => ({ type: "limit", methods: ["POST"], except: false, rule });
  const outcome = async (rule: Rule, method: string) =>
    (await compileRule(rule)(question(undefined, { method }))).outcome;

  it("holds for its methods, and for all others with except", async () => {
    assert.equal(await outcome(forPost(NO), "POST"), "denied");
    assert.equal(await outcome(forPost(NO), "GET"), "granted");
    const except: Rule = { type: "limit", methods: ["GET"], except: true, rule: NO };
    assert.equal(await outcome(except, "HEAD"), "granted");
    assert.equal(await outcome(except, "POST"), "denied");
    assert.equal(await outcome(except, "BREW"), "denied");
  });

  it("is granted in an all and decides nothing in an any", async () => {
    assert.equal(await outcome({ type: "all", rules: [forPost(NO), YES] }, "GET"), "granted");
    assert.equal(await outcome({ type: "any", rules: [forPost(YES), NO] }, "GET"), "denied");
    assert.equal(await outcome({ type: "any", rules: [forPost(YES), NO] }, "POST"), "granted");
  });

  it("leaves nothing to require where it covers all there is", async () => {
    assert.equal(
      await outcome({ type: "any", rules: [forPost(NO), forPost(NO)] }, "GET"),
      "granted",
    );
    const inner: Rule = { type: "any", rules: [forPost(YES)] };
    assert.equal(await outcome({ type: "any", rules: [inner, NO] }, "GET"), "denied");
  });
});

describe("a rule that can't be one", () => {
  const wrong: readonly unknown[] = [
    undefined,
    null,
    "valid-user",
    {},
    { type: "everybody" },
    { type: "all" },
    { type: "all", rules: [] },
    { type: "any", rules: "valid-user" },
    { type: "limit", methods: ["GET"], except: false },
    { type: "limit", methods: [], except: false, rule: YES },
    { type: "limit", methods: ["get"], except: false, rule: YES },
    { type: "method", methods: ["get"] },
    { type: "method", methods: [] },
    { type: "ip", addresses: [] },
    { type: "ip", addresses: ["example.org"] },
    { type: "env", names: [] },
    { type: "expr", expression: "" },
    { type: "expr", expression: "%{NO_SUCH_VARIABLE} == 'x'" },
    { type: "remote-user", names: [] },
    { type: "file-group", file: "", groups: ["x"] },
    { type: "file-group", file: "/x", groups: [] },
    { type: "ldap-user" },
  ];
  for (const rule of wrong) {
    it(`is a ConfigError: ${JSON.stringify(rule)}`, () => {
      assert.throws(() => compileRule(rule as Rule), ConfigError);
    });
  }
});
