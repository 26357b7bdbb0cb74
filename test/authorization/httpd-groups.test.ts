import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import type { HttpdGroupSettings } from "../../src/authorization/rule.ts";
import type { AccessRequest, TestDirectory } from "../../src/testing/index.ts";
import { fixtureAccess, fixtureLdif, startFixtureDirectory } from "../support/fixture-directory.ts";
import { askGroups, type GroupAsker, httpdGroup, noneOf } from "../support/group-asker.ts";
import { groupLdif, inRequireLine, manyMembers } from "../support/group-ldif.ts";
import { bothDirectories } from "../support/real-and-built-in.ts";

const GROUPS = "ou=Groups,dc=domain,dc=org";
const PEOPLE = "ou=People,dc=domain,dc=org";

type Case = readonly [
  group: string,
  name: string,
  expected: "granted" | "denied",
  settings?: Partial<HttpdGroupSettings>,
];

const ROLES = {
  memberAttributes: ["roleOccupant"],
  subGroupAttributes: ["roleOccupant"],
  subGroupClasses: ["organizationalRole"],
};

const CASES: readonly Case[] = [
  [`cn=admins,${GROUPS}`, "alice", "granted"],
  [`cn=admins,${GROUPS}`, "bob", "denied"],
  [`CN=Admins , OU=groups,DC=domain,DC=org`, "alice", "granted"],
  [`cn=staff,${GROUPS}`, "bob", "granted"],
  [`cn=staff,${GROUPS}`, "bob", "denied", { memberAttributes: ["member"] }],
  [`cn=admins,${GROUPS}`, "MixedCase", "granted"],
  // The DN counts, not the name in it.
  [`cn=admins,ou=Other,${GROUPS}`, "alice", "denied"],
  [`cn=nogroup,${GROUPS}`, "alice", "denied"],
  ["admins", "alice", "denied"],
  [`uid=alice,${PEOPLE}`, "alice", "denied"],
  [`cn=dangling,${GROUPS}`, "alice", "denied"],
  [
    `cn=posixdevs,${GROUPS}`,
    "alice",
    "granted",
    { memberAttributes: ["memberUid"], memberIsDn: false },
  ],
  [
    `cn=posixdevs,${GROUPS}`,
    "bob",
    "denied",
    { memberAttributes: ["memberUid"], memberIsDn: false },
  ],
  [`cn=posixdevs,${GROUPS}`, "alice", "denied", { memberAttributes: ["memberUid"] }],
  [`cn=admins,${GROUPS}`, "alice", "denied", { memberIsDn: false }],

  [`cn=level0,${GROUPS}`, "dave", "granted"],
  [`cn=level0,${GROUPS}`, "carol", "granted"],
  [`cn=level0,${GROUPS}`, "alice", "denied"],
  [`cn=level0,${GROUPS}`, "dave", "denied", { maxSubGroupDepth: 0 }],
  [`cn=level0,${GROUPS}`, "dave", "granted", { maxSubGroupDepth: 1 }],
  [`cn=level0,${GROUPS}`, "carol", "denied", { maxSubGroupDepth: 2 }],
  [`cn=level0,${GROUPS}`, "carol", "granted", { maxSubGroupDepth: 3 }],
  [`cn=nested0,${GROUPS}`, "carol", "denied", { maxSubGroupDepth: 2 }],
  [`cn=nested0,${GROUPS}`, "carol", "granted", { maxSubGroupDepth: 3 }],
  // The named group, too, is entered only if it has the class.
  [`cn=level0,${GROUPS}`, "dave", "denied", { subGroupClasses: ["groupOfUniqueNames"] }],
  [`cn=level0,${GROUPS}`, "dave", "granted", { subGroupClasses: ["groupOfNames"] }],
  [`cn=level0,${GROUPS}`, "carol", "denied", { subGroupClasses: ["groupOfNames"] }],
  [`cn=level0,${GROUPS}`, "dave", "granted", { subGroupAttributes: ["member"] }],
  [`cn=level0,${GROUPS}`, "carol", "denied", { subGroupAttributes: ["member"] }],
  [`cn=level0,${GROUPS}`, "carol", "granted", { memberAttributes: ["member"] }],
  [`cn=rolesparent,${GROUPS}`, "alice", "granted", ROLES],
  [`cn=rolesparent,${GROUPS}`, "testuser2", "denied", ROLES],
  [
    `cn=rolesparent,${GROUPS}`,
    "testuser2",
    "granted",
    {
      memberAttributes: ["roleOccupant", "member"],
      subGroupAttributes: ["roleOccupant", "member"],
      subGroupClasses: ["organizationalRole", "groupOfNames"],
    },
  ],
  [`cn=cycleA,${GROUPS}`, "erin", "granted"],
  [`cn=cycleA,${GROUPS}`, "alice", "denied", { maxSubGroupDepth: 50 }],
  [`cn=cycleB,${GROUPS}`, "erin", "granted"],
  [`cn=selfcycle,${GROUPS}`, "alice", "denied", { maxSubGroupDepth: 50 }],
  [`cn=posixnest,${GROUPS}`, "alice", "denied"],
  [`cn=deep0,${GROUPS}`, "frank", "granted", { maxSubGroupDepth: 50 }],
  [`cn=deep0,${GROUPS}`, "frank", "denied", { maxSubGroupDepth: 49 }],
  // Reached at two depths: the smaller one counts.
  [`cn=long,${GROUPS}`, "frank", "granted", { maxSubGroupDepth: 3 }],
  [`cn=long,${GROUPS}`, "frank", "denied", { maxSubGroupDepth: 2 }],
];

/** A chain of 50, and a group that is reached directly and through two others. */
const MORE = [
  ...Array.from({ length: 50 }, (_, n) => groupLdif(`cn=deep${n}`, [`cn=deep${n + 1},${GROUPS}`])),
  groupLdif("cn=deep50", [`uid=frank,${PEOPLE}`]),
  groupLdif("cn=long", [`cn=longer,${GROUPS}`, `cn=shared,${GROUPS}`]),
  groupLdif("cn=longer", [`cn=longest,${GROUPS}`]),
  groupLdif("cn=longest", [`cn=shared,${GROUPS}`]),
  groupLdif("cn=shared", [`cn=below,${GROUPS}`]),
  groupLdif("cn=below", [`cn=bottom,${GROUPS}`]),
  groupLdif("cn=bottom", [`uid=frank,${PEOPLE}`]),
  `dn: ou=Other,${GROUPS}\nobjectClass: organizationalUnit\nou: Other\n`,
  groupLdif("cn=admins,ou=Other", [`uid=bob,${PEOPLE}`]),
].join("\n");

for (const { name, skip, start } of bothDirectories) {
  describe(`Require ldap-group on ${name}`, { skip }, () => {
    let asker: GroupAsker;
    let close = async (): Promise<void> => {};
    before(async () => {
      const directory = await start(MORE);
      asker = askGroups({ url: `ldap://127.0.0.1:${directory.port}/${PEOPLE}?uid` });
      close = async () => {
        await asker.close();
        await directory.close();
      };
    });
    after(() => close());

    for (const [group, who, expected, settings = {}] of CASES) {
      it(`${group} ${JSON.stringify(settings)}: ${who} is ${expected}`, async () => {
        assert.equal((await asker.ask(httpdGroup(group, settings), who)).outcome, expected);
      });
    }

    it("takes every spelling of a member's DN for the same entry", async () => {
      const group = `cn=Web\\, Admins & Co,${GROUPS}`;
      for (const who of ["comma,user", "jane", "paren(x)", "José"]) {
        assert.equal(
          (await asker.ask(httpdGroup(inRequireLine(group)), who)).outcome,
          "granted",
          who,
        );
      }
      assert.equal((await asker.ask(httpdGroup(inRequireLine(group)), "bob")).outcome, "denied");
    });

    it("lets in by a negation only those who are surely in no group of it", async () => {
      const none = (group: string, settings = {}) => noneOf(httpdGroup(group, settings));
      assert.equal((await asker.ask(none(`cn=level0,${GROUPS}`), "alice")).outcome, "granted");
      assert.equal((await asker.ask(none(`cn=level0,${GROUPS}`), "carol")).outcome, "denied");
      assert.equal((await asker.ask(none(`cn=nogroup,${GROUPS}`), "alice")).outcome, "denied");
      assert.equal((await asker.ask(none("admins"), "alice")).outcome, "denied");
      const typo = { memberAttributes: ["membr"] };
      assert.equal((await asker.ask(none(`cn=staff,${GROUPS}`, typo), "alice")).outcome, "denied");
      const noClass = { subGroupClasses: ["groupOfNmes"] };
      const found = await asker.ask(none(`cn=level0,${GROUPS}`, noClass), "carol");
      assert.equal(found.outcome, name === "slapd" ? "denied" : "granted");
    });
  });
}

describe("Require ldap-group as the user", () => {
  let directory: TestDirectory;
  const opened: GroupAsker[] = [];
  before(async () => {
    directory = await startFixtureDirectory();
  });
  after(async () => {
    await Promise.all(opened.map((asker) => asker.close()));
    await directory.close();
  });

  for (const searchAsUser of [false, true]) {
    for (const compareAsUser of [false, true]) {
      const name = `searchAsUser ${searchAsUser}, compareAsUser ${compareAsUser}`;
      it(`${name}: members of hidden groups, and groups in them`, async () => {
        const url = `${directory.url}/${PEOPLE}?uid`;
        const asker = askGroups({ url, searchAsUser, compareAsUser });
        opened.push(asker);
        const ask = async (group: string, who: string) => {
          const rule = httpdGroup(`${group},${GROUPS}`);
          return (await asker.ask(rule, who, { password: `${who}-pw` })).outcome;
        };
        assert.equal(await ask("cn=secretgroup", "alice"), compareAsUser ? "granted" : "denied");
        assert.equal(await ask("cn=secretgroup", "bob"), "denied");
        const both = searchAsUser && compareAsUser;
        assert.equal(await ask("cn=secretparent", "alice"), both ? "granted" : "denied");
        assert.equal(await ask("cn=secretparent", "testuser2"), "denied");
      });
    }
  }
});

describe("Require ldap-group, the questions it asks", () => {
  let directory: TestDirectory;
  let asker: GroupAsker;
  const hidden = new Set<string>();
  const access = (request: AccessRequest): boolean | "disclose" =>
    hidden.has(request.dn) ? "disclose" : fixtureAccess(request);

  before(async () => {
    const people = Array.from({ length: 1_000 }, (_, n) => `uid=p${n},${PEOPLE}`);
    const groups = Array.from({ length: 10_000 }, (_, n) => `cn=g${n}`);
    directory = await startFixtureDirectory({
      access,
      ldif: [
        fixtureLdif,
        groupLdif("cn=huge", manyMembers(100_000)),
        groupLdif("cn=hugeparent", [...people, `cn=huge,${GROUPS}`]),
        ...groups.map((rdn, n) =>
          groupLdif(rdn, [
            `cn=g${(n * 7) % 10_000},${GROUPS}`,
            `cn=g${(n + 1) % 10_000},${GROUPS}`,
          ]),
        ),
        groupLdif(
          "cn=manygroups",
          groups.map((rdn) => `${rdn},${GROUPS}`),
        ),
        groupLdif("cn=pair", [`cn=first,${GROUPS}`, `cn=second,${GROUPS}`]),
        groupLdif("cn=first", [`uid=carol,${PEOPLE}`]),
        groupLdif("cn=second", [`uid=dave,${PEOPLE}`]),
      ].join("\n"),
    });
    asker = askGroups({ url: `${directory.url}/${PEOPLE}?uid` });
  });
  after(async () => {
    await asker.close();
    await directory.close();
  });
  beforeEach(() => {
    directory.clearOperations();
    hidden.clear();
  });

  const asked = () =>
    directory.operations.filter(
      ({ operation, dn }) => operation !== "bind" && !dn.startsWith("ou=P"),
    );

  it("compares once with a direct member", async () => {
    await asker.ask(httpdGroup(`cn=admins,${GROUPS}`), "alice");
    assert.deepEqual(
      asked().map(({ operation }) => operation),
      ["compare"],
    );
  });

  it("looks at no group of a cycle twice, however deep it may go", async () => {
    const rule = httpdGroup(`cn=cycleA,${GROUPS}`, { maxSubGroupDepth: 50 });
    assert.equal((await asker.ask(rule, "alice")).outcome, "denied");
    const lines = asked().map(({ operation, dn }) => `${operation} ${dn}`);
    const lists = lines.filter((line) => line.startsWith("search"));
    assert.deepEqual(lists, [`search cn=cycleA,${GROUPS}`, `search cn=cycleB,${GROUPS}`]);
    assert(lines.length < 15, lines.join("\n"));
  });

  it("asks once about 100,000 people whether one of them is a group", async () => {
    const rule = httpdGroup(`cn=huge,${GROUPS}`);
    const found = await asker.ask(rule, "alice", { timeout: 30_000 });
    assert.equal(found.outcome, "denied");
    assert(directory.operations.length < 10, `${directory.operations.length} operations`);
  });

  it("finds the one group among a thousand people", async () => {
    const rule = httpdGroup(`cn=hugeparent,${GROUPS}`);
    directory.apply(
      `dn: cn=huge,${GROUPS}\nchangetype: modify\nadd: member\nmember: uid=alice,${PEOPLE}\n`,
    );
    const found = await asker.ask(rule, "alice", { timeout: 30_000 });
    directory.apply(
      `dn: cn=huge,${GROUPS}\nchangetype: modify\ndelete: member\nmember: uid=alice,${PEOPLE}\n`,
    );
    assert.equal(found.outcome, "granted");
    assert.equal(found.matched, `cn=huge,${GROUPS}`);
    assert(directory.operations.length < 20, `${directory.operations.length} operations`);
  });

  it("comes to an end with 10,000 groups in each other", async () => {
    const rule = httpdGroup(`cn=manygroups,${GROUPS}`, { maxSubGroupDepth: 50 });
    const found = await asker.ask(rule, "alice", { timeout: 60_000 });
    assert.equal(found.outcome, "denied");
    // Two compares and a look at the list for each, and a little more.
    const { length } = directory.operations;
    assert(length < 3.1 * 10_000, `${length} operations`);
  });

  it("does not answer no when the time is over before all were asked", async () => {
    const rule = httpdGroup(`cn=manygroups,${GROUPS}`, { maxSubGroupDepth: 50 });
    for (const each of [rule, noneOf(rule)]) {
      const found = await asker.ask(each, "alice", { timeout: 100 });
      assert.equal(found.outcome, "undecided");
      assert.equal(found.error?.code, "timeout");
    }
  });

  it("is undecided, also negated, if a group on the way can't be asked for now", async () => {
    const rule = httpdGroup(`cn=pair,${GROUPS}`);
    const remove = directory.addFault({
      fault: "result",
      resultCode: 51,
      dn: `cn=first,${GROUPS}`,
    });
    try {
      for (const each of [rule, noneOf(rule)]) {
        assert.equal((await asker.ask(each, "alice")).outcome, "undecided");
      }
      assert.equal((await asker.ask(noneOf(rule), "dave")).outcome, "denied");
    } finally {
      remove();
    }
    assert.equal((await asker.ask(noneOf(rule), "alice")).outcome, "granted");
  });

  it("refuses, also negated, if a group on the way may not be read", async () => {
    const rule = httpdGroup(`cn=pair,${GROUPS}`);
    hidden.add("cn=first,ou=groups,dc=domain,dc=org");
    assert.equal((await asker.ask(rule, "carol")).outcome, "denied");
    assert.equal((await asker.ask(noneOf(rule), "carol")).outcome, "denied");
    assert.equal((await asker.ask(noneOf(rule), "alice")).outcome, "denied");
    // httpd goes on, too: what another group says counts.
    assert.equal((await asker.ask(rule, "dave")).outcome, "granted");
  });

  it("is undecided if the directory goes away midway", async () => {
    const rule = httpdGroup(`cn=pair,${GROUPS}`);
    const remove = directory.addFault({ fault: "close", dn: `cn=second,${GROUPS}` });
    try {
      assert.equal((await asker.ask(rule, "alice", { timeout: 2_000 })).outcome, "undecided");
      assert.equal(
        (await asker.ask(noneOf(rule), "alice", { timeout: 2_000 })).outcome,
        "undecided",
      );
    } finally {
      remove();
    }
  });
});
