import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Rule } from "../../src/authorization/rule.ts";
import type { AccessRequest, TestDirectory } from "../../src/testing/index.ts";
import { fixtureAccess, startFixtureDirectory } from "../support/fixture-directory.ts";
import {
  askGroups,
  type GroupAsker,
  groupRule,
  httpdGroup,
  noneOf,
} from "../support/group-asker.ts";
import { bothDirectories } from "../support/real-and-built-in.ts";

const GROUP = "cn=level0,ou=Groups,dc=domain,dc=org";
const PEOPLE = "ou=People,dc=domain,dc=org";

const RULES: readonly (readonly [string, Rule])[] = [
  ["a number of levels", groupRule(GROUP, { nested: 5 })],
  ["auto", groupRule(GROUP, { nested: "auto" })],
  ["Require ldap-group", httpdGroup(GROUP)],
];

describe("a group whose list may be compared, but not read", () => {
  let directory: TestDirectory;
  let asker: GroupAsker;
  let isHidden = true;
  const access = (request: AccessRequest): boolean | "disclose" => {
    const { dn, attribute, operation } = request;
    const isList = dn.startsWith("cn=level0,") && attribute === "member";
    return isHidden && isList ? operation === "compare" : fixtureAccess(request);
  };
  before(async () => {
    directory = await startFixtureDirectory({ access });
    asker = askGroups({ url: `${directory.url}/${PEOPLE}?uid` });
  });
  after(async () => {
    await asker.close();
    await directory.close();
  });

  for (const [name, rule] of RULES) {
    it(`lets nobody in by the opposite of ${name}`, async () => {
      // dave and carol are in groups in it; alice is not, but who can tell?
      isHidden = true;
      for (const who of ["dave", "carol", "alice"]) {
        assert.equal((await asker.ask(noneOf(rule), who)).outcome, "denied", who);
      }
      isHidden = false;
      assert.equal((await asker.ask(noneOf(rule), "carol")).outcome, "denied");
      assert.equal((await asker.ask(noneOf(rule), "alice")).outcome, "granted");
    });
  }
});

for (const { name, skip, start } of bothDirectories) {
  describe(`lists that are not there, on ${name}`, { skip }, () => {
    it("are told from hidden ones, also those of attributes that the server does not know", async () => {
      const directory = await start();
      const asker = askGroups({ url: `ldap://127.0.0.1:${directory.port}/${PEOPLE}?uid` });
      try {
        const subGroupAttributes = ["member", "uniqueMember", "noSuchList"];
        for (const rule of [
          groupRule(GROUP, { nested: 5, subGroupAttributes }),
          httpdGroup(GROUP, { subGroupAttributes }),
        ]) {
          assert.equal((await asker.ask(noneOf(rule), "alice")).outcome, "granted");
          assert.equal((await asker.ask(noneOf(rule), "carol")).outcome, "denied");
        }
      } finally {
        await asker.close();
        await directory.close();
      }
    });
  });
}
