import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  type AuthnzLdap,
  authnzLdap,
  ConfigError,
  type Decision,
  type Rule,
  requireAll,
  requireAny,
  requireGroup,
  requireIp,
  requireLevel,
  requireUser,
} from "../../src/index.ts";
import type { TestDirectory } from "../../src/testing/index.ts";
import { startFixtureDirectory } from "../support/fixture-directory.ts";

const ADMINS = "cn=admins,ou=Groups,dc=domain,dc=org";

let directory: TestDirectory;
let ldap: AuthnzLdap;

before(async () => {
  directory = await startFixtureDirectory();
  const url = `${directory.url}/ou=People,dc=domain,dc=org?uid,employeeType?sub`;
  const levels = { attribute: "employeeType", pattern: "Level_*" };
  ldap = authnzLdap({ url, levels, timeout: 1_000, cache: false, log: () => {} });
});
after(async () => {
  await ldap.close();
  await directory.close();
});

describe("explain", () => {
  it("tells what was decided, why, and what the directory was asked for it", async () => {
    const guard = requireAny(requireLevel(3), requireGroup(ADMINS));
    const decision = await ldap.explain({ username: "alice", rule: guard });
    assert.equal(decision.outcome, "granted");
    assert.deepEqual(decision.rule, guard.rule);
    const [level, group] = decision.parts ?? [];
    assert.equal(level?.outcome, "denied");
    assert.match(level?.reason ?? "", /employeeType holds no level 3/);
    assert.equal(level?.operations, undefined);
    assert.equal(group?.matched, ADMINS);
    const [operation, ...more] = group?.operations ?? [];
    assert.deepEqual(more, []);
    assert.equal(operation?.operation, "search");
    assert.equal(operation?.server, directory.url);
    assert.equal(operation?.dn, ADMINS);
    assert.equal(operation?.result, "found 1");
    assert.equal(operation?.cacheHit, false);
    assert(operation !== undefined && operation.milliseconds >= 0);
  });

  it("takes a rule as well as a guard, and tells a refusal", async () => {
    const rule: Rule = { type: "group", groups: [ADMINS] };
    const { outcome, reason } = await ldap.explain({ username: "bob", rule });
    assert.equal(outcome, "denied");
    assert.notEqual(reason, "");
  });

  it("needs no password, sends none, and lets nobody in", async () => {
    directory.clearOperations();
    await ldap.explain({ username: "alice", rule: requireGroup(ADMINS) });
    const binds = directory.operations.filter(({ operation }) => operation === "bind");
    assert.deepEqual(binds, []);
  });

  for (const username of ["nobody", "*", "", "ali*", "alice)(uid=*", "\0"]) {
    it(`denies whom the directory does not know: ${JSON.stringify(username)}`, async () => {
      const { outcome, reason } = await ldap.explain({ username, rule: { type: "valid-user" } });
      assert.equal(outcome, "denied");
      assert.notEqual(reason, "");
      const none: Rule = { type: "none", rules: [{ type: "denied" }] };
      assert.equal((await ldap.explain({ username, rule: none })).outcome, "denied");
    });
  }

  it("denies a name that is no text", async () => {
    for (const username of [undefined, ["alice"], { toString: () => "alice" }]) {
      const rule = { type: "valid-user" } as const;
      assert.equal((await ldap.explain({ username: username as never, rule })).outcome, "denied");
    }
  });

  it("leaves open what depends on a request", async () => {
    const ip = requireAll(requireUser("alice"), requireIp("10.1"));
    const { outcome, reason } = await ldap.explain({ username: "alice", rule: ip });
    assert.equal(outcome, "undecided");
    assert.match(reason, /depends on the request/);
    const other = await ldap.explain({ username: "bob", rule: ip });
    assert.equal(other.outcome, "denied");
  });

  it("is undecided, and no exception, where the directory could not be asked", async () => {
    const explain = () => ldap.explain({ username: "alice", rule: requireGroup(ADMINS) });
    for (const dn of [ADMINS.toLowerCase(), "ou=people,dc=domain,dc=org"]) {
      const undo = directory.addFault({ fault: "result", on: "search", dn, resultCode: 52 });
      const { outcome, error }: Decision = await explain();
      undo();
      assert.equal(outcome, "undecided");
      assert(error);
    }
    assert.equal((await explain()).outcome, "granted");
  });

  it("is a ConfigError for what is no rule", async () => {
    for (const rule of [
      undefined,
      null,
      "valid-user",
      {},
      { rule: "x" },
      { type: "x" },
      () => {},
    ]) {
      const query = { username: "alice", rule: rule as never };
      await assert.rejects(() => ldap.explain(query), ConfigError);
    }
  });
});
