import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { compileRule } from "../../src/authorization/compile-rule.ts";
import type { GroupSettings } from "../../src/authorization/rule.ts";
import type { Searches } from "../../src/directory/directory.ts";
import { ConfigError } from "../../src/errors.ts";
import { formatFilter } from "../../src/ldap/format-filter.ts";
import type { AccessRequest, TestDirectory } from "../../src/testing/index.ts";
import { fixtureAccess, fixtureLdif, startFixtureDirectory } from "../support/fixture-directory.ts";
import { askGroups, type GroupAsker, groupRule, noneOf } from "../support/group-asker.ts";
import { groupLdif, manyMembers } from "../support/group-ldif.ts";
import { bothDirectories } from "../support/real-and-built-in.ts";
import { slapd, startSlapd } from "../support/slapd.ts";

const GROUPS = "ou=Groups,dc=domain,dc=org";
const PEOPLE = "ou=People,dc=domain,dc=org";

type Case = readonly [
  group: string,
  settings: GroupSettings,
  name: string,
  expected: "granted" | "denied",
];

const CASES: readonly Case[] = [
  ["cn=admins", {}, "alice", "granted"],
  ["cn=admins", { nested: 0 }, "alice", "granted"],
  ["cn=admins", { nested: "auto" }, "alice", "granted"],
  ["cn=admins", { nested: "auto" }, "bob", "denied"],
  ["cn=posixdevs", { nested: "auto" }, "carol", "granted"],
  ["cn=level0", {}, "dave", "denied"],
  ["cn=level0", { nested: false }, "dave", "denied"],
  ["cn=level0", { nested: 1 }, "dave", "granted"],
  ["cn=level0", { nested: 2 }, "carol", "denied"],
  ["cn=level0", { nested: 3 }, "carol", "granted"],
  ["cn=level0", { nested: "auto" }, "carol", "granted"],
  ["cn=level0", { nested: 9 }, "alice", "denied"],
  ["cn=level0", { nested: "auto" }, "alice", "denied"],
  ["cn=level0", { nested: 9, subGroupClasses: ["groupOfNames"] }, "dave", "granted"],
  ["cn=level0", { nested: 9, subGroupClasses: ["groupOfNames"] }, "carol", "denied"],
  ["cn=level0", { nested: "auto", subGroupClasses: ["groupOfNames"] }, "carol", "denied"],
  ["cn=level0", { nested: 9, subGroupClasses: ["groupOfUniqueNames"] }, "dave", "denied"],
  ["cn=level0", { nested: 9, subGroupAttributes: ["member"] }, "carol", "denied"],
  ["cn=level0", { nested: "auto", subGroupAttributes: ["member"] }, "carol", "denied"],
  ["cn=cycleA", { nested: 50 }, "erin", "granted"],
  ["cn=cycleA", { nested: "auto" }, "erin", "granted"],
  ["cn=cycleA", { nested: 50 }, "alice", "denied"],
  ["cn=selfcycle", { nested: "auto" }, "alice", "denied"],
  ["cn=dangling", { nested: "auto" }, "alice", "denied"],
  ["cn=posixnest", { nested: "auto" }, "alice", "granted"],
  ["cn=posixnest", { nested: 5 }, "alice", "denied"],
  ["cn=posixnest", { nested: "auto" }, "bob", "denied"],
  ["cn=deep0", { nested: 50 }, "frank", "granted"],
  ["cn=deep0", { nested: 49 }, "frank", "denied"],
  ["cn=deep0", { nested: "auto" }, "frank", "granted"],
  [
    "cn=rolesparent",
    {
      nested: 2,
      memberAttributes: ["roleOccupant"],
      subGroupAttributes: ["roleOccupant"],
      subGroupClasses: ["organizationalRole"],
    },
    "alice",
    "granted",
  ],
  // The DN counts, not the name in it.
  ["cn=admins,ou=Other", { nested: "auto" }, "alice", "denied"],
  ["cn=admins,ou=Other", { nested: "auto" }, "bob", "granted"],
  ["cn=OtherParent", { nested: "auto" }, "alice", "denied"],
  ["cn=OtherParent", { nested: "auto" }, "bob", "granted"],
  // Other spellings: letter case, spaces, \\2c for \\,.
  ["cn=Comma\\, Parent", { nested: "auto" }, "jane", "granted"],
  ["CN=comma\\2c  parent", { nested: 1 }, "jane", "granted"],
  // Whose gidNumber is the group's.
  ["cn=gid", { nested: "auto" }, "numbered", "granted"],
  ["cn=gid", {}, "numbered", "denied"],
  ["cn=gid", { nested: "auto" }, "alice", "denied"],
  // A number alone makes no group.
  ["cn=nogid", { nested: "auto" }, "numbered", "denied"],
  ["cn=nogroup", { nested: "auto" }, "alice", "denied"],
];

const MORE = [
  ...Array.from({ length: 50 }, (_, n) => groupLdif(`cn=deep${n}`, [`cn=deep${n + 1},${GROUPS}`])),
  groupLdif("cn=deep50", [`uid=frank,${PEOPLE}`]),
  `dn: ou=Other,${GROUPS}\nobjectClass: organizationalUnit\nou: Other\n`,
  groupLdif("cn=admins,ou=Other", [`uid=bob,${PEOPLE}`]),
  groupLdif("cn=OtherParent", [`cn=admins,ou=Other,${GROUPS}`]),
  groupLdif("cn=Comma\\, Parent", [`CN=comma\\2C child , ${GROUPS.toUpperCase()}`]).replace(
    "cn: Comma\\",
    "cn: Comma, Parent",
  ),
  groupLdif("cn=Comma\\, Child", [`CN=doe\\2c jane,${PEOPLE}`]).replace(
    "cn: Comma\\",
    "cn: Comma, Child",
  ),
  `dn: cn=gid,${GROUPS}\nobjectClass: posixGroup\ncn: gid\ngidNumber: 7000\n`,
  `dn: cn=nogid,${GROUPS}\nobjectClass: groupOfNames\nobjectClass: extensibleObject\ncn: nogid\nmember: ${PEOPLE}\ngidNumber: 7000\n`,
  `dn: uid=numbered,${PEOPLE}\nobjectClass: inetOrgPerson\nobjectClass: posixAccount\nuid: numbered\ncn: n\nsn: n\nuidNumber: 7001\ngidNumber: 7000\nhomeDirectory: /\n`,
].join("\n");

for (const { name, skip, start } of bothDirectories) {
  describe(`requireGroup on ${name}`, { skip }, () => {
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

    for (const [rdn, settings, who, expected] of CASES) {
      const group = `${rdn},${GROUPS}`;
      it(`${rdn} ${JSON.stringify(settings)}: ${who} is ${expected}`, async () => {
        const rule = groupRule(group, settings);
        assert.equal((await asker.ask(rule, who)).outcome, expected);
        // The opposite never holds of a member, and holds of others where the group is there.
        const opposite = expected === "denied" && rdn !== "cn=nogroup" ? "granted" : "denied";
        assert.equal((await asker.ask(noneOf(rule), who)).outcome, opposite, "negated");
      });
    }
  });
}

describe("requireGroup, the questions it asks", () => {
  let directory: TestDirectory;
  let asker: GroupAsker;
  const hidden = new Set<string>();
  const access = (request: AccessRequest): boolean | "disclose" =>
    hidden.has(request.dn) ? false : fixtureAccess(request);

  before(async () => {
    directory = await startFixtureDirectory({
      access,
      ldif: [
        fixtureLdif,
        groupLdif("cn=huge", manyMembers(100_000)),
        groupLdif("cn=hugeparent", [`cn=huge,${GROUPS}`, ...manyMembers(1_000)]),
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

  /** Without the look-up of the person, which comes first. */
  const asked = () => directory.operations.filter(({ operation }) => operation !== "bind").slice(1);

  it("fetches no list of members", async () => {
    for (const nested of [3, "auto"] as const) {
      const rule = groupRule(`cn=hugeparent,${GROUPS}`, { nested });
      assert.equal((await asker.ask(rule, "alice")).outcome, "denied");
    }
    for (const { attributes = [] } of asked()) {
      assert(!attributes.some((name) => /^(uniqueMember|member|memberUid|\*)$/i.test(name)));
    }
    assert(asked().length < 15, `${asked().length} operations`);
  });

  it("asks one question where the group lists the person", async () => {
    const rule = groupRule(`cn=admins,${GROUPS}`, { nested: "auto" });
    await asker.ask(rule, "alice");
    assert.equal(asked().length, 1);
  });

  it("asks the server about itself once", async () => {
    const rule = compileRule(groupRule(`cn=level0,${GROUPS}`, { nested: "auto" }));
    for (let time = 0; time < 3; time++) {
      assert.equal((await asker.ask(rule, "carol")).outcome, "granted");
    }
    assert.equal(
      directory.operations.filter(({ dn, operation }) => dn === "" && operation === "search")
        .length,
      1,
    );
  });

  it("goes downwards where the server cuts the search for groups short", async () => {
    const limited = await startFixtureDirectory({ sizeLimit: 1 });
    const own = askGroups({ url: `${limited.url}/${PEOPLE}?uid` });
    try {
      const rule = groupRule(`cn=level0,${GROUPS}`, { nested: "auto" });
      assert.equal((await own.ask(rule, "carol")).outcome, "granted");
      const many = groupRule(`cn=nested0,${GROUPS}`, { nested: 5 });
      assert.equal((await own.ask(many, "alice")).outcome, "denied");
      assert.equal((await own.ask(many, "carol")).outcome, "granted");
    } finally {
      await own.close();
      await limited.close();
    }
  });

  it("is undecided, also negated, while the directory is in trouble", async () => {
    const rule = groupRule(`cn=level0,${GROUPS}`, { nested: "auto" });
    for (const resultCode of [1, 51, 52, 80]) {
      const remove = directory.addFault({ fault: "result", resultCode, dn: `cn=level0,${GROUPS}` });
      try {
        for (const each of [rule, noneOf(rule)]) {
          const { outcome } = await asker.ask(each, "carol");
          assert.equal(outcome, "undecided", `${resultCode} ${each.type}`);
        }
      } finally {
        remove();
      }
    }
  });

  it("is undecided, also negated, if a group on the way can't be asked for now", async () => {
    const rule = groupRule(`cn=nested0,${GROUPS}`, { nested: "auto" });
    const remove = directory.addFault({
      fault: "result",
      resultCode: 51,
      dn: `cn=nested2,${GROUPS}`,
    });
    try {
      assert.equal((await asker.ask(noneOf(rule), "alice")).outcome, "undecided");
    } finally {
      remove();
    }
    assert.equal((await asker.ask(noneOf(rule), "alice")).outcome, "granted");
  });

  it("refuses whoever asks about a group that does not show itself", async () => {
    hidden.add("cn=level0,ou=groups,dc=domain,dc=org");
    for (const nested of [false, 3, "auto"] as const) {
      const rule = groupRule(`cn=level0,${GROUPS}`, { nested });
      assert.equal((await asker.ask(rule, "carol")).outcome, "denied");
      assert.equal((await asker.ask(noneOf(rule), "alice")).outcome, "denied");
    }
  });
});

/** Groups that all list frank and the next one, and one that lists the last of them. */
function manyGroups(count: number): string {
  const groups = Array.from({ length: count }, (_, n) =>
    groupLdif(`cn=g${n}`, [`uid=frank,${PEOPLE}`, `cn=g${(n + 1) % count},${GROUPS}`]),
  );
  return [...groups, groupLdif("cn=top", [`cn=g${count - 1},${GROUPS}`])].join("\n");
}

async function assertFewQuestions(url: string, most: number): Promise<void> {
  const asker = askGroups({ url: `${url}/${PEOPLE}?uid` });
  try {
    const top = groupRule(`cn=top,${GROUPS}`, { nested: "auto" });
    const other = groupRule(`cn=level0,${GROUPS}`, { nested: "auto" });
    const yes = await asker.ask(top, "frank", { timeout: 30_000 });
    assert.equal(yes.outcome, "granted", yes.reason);
    const no = await asker.ask(other, "frank", { timeout: 30_000 });
    assert.equal(no.outcome, "denied", no.reason);
    const { length } = [...(yes.operations ?? []), ...(no.operations ?? no.parts ?? [])];
    assert(length < most, `${length} operations`);
  } finally {
    await asker.close();
  }
}

describe("somebody in many groups that are in each other", () => {
  it("takes few questions, for 1,000 groups", async () => {
    const directory = await startFixtureDirectory({ ldif: `${fixtureLdif}\n${manyGroups(1_000)}` });
    try {
      await assertFewQuestions(directory.url, 60);
    } finally {
      await directory.close();
    }
  });

  it("takes few questions, for 10,000 groups on slapd", { skip: slapd.skip }, async () => {
    const database = "index member,uniqueMember,memberUid eq\nlimits * size=unlimited";
    const directory = await startSlapd({ ldif: manyGroups(10_000), database });
    try {
      await assertFewQuestions(directory.url, 350);
    } finally {
      await directory.close();
    }
  });

  it("finds the way up, or down, past slapd's own limit of 500", { skip: slapd.skip }, async () => {
    const directory = await startSlapd({ ldif: manyGroups(1_000) });
    try {
      await assertFewQuestions(directory.url, 60);
    } finally {
      await directory.close();
    }
  });
});

describe("requireGroup with settings that can't work", () => {
  const wrong: readonly object[] = [
    { nested: -1 },
    { nested: 1.5 },
    { nested: Number.NaN },
    { nested: "always" },
    { nested: true },
    { memberAttributes: [] },
    { memberAttributes: ["member)(x"] },
    { memberAttributes: "member" },
    { subGroupAttributes: [""] },
    { subGroupClasses: ["group of names"] },
    { memberIsDn: "yes" },
  ];
  for (const settings of wrong) {
    it(`refuses ${JSON.stringify(settings)} at start`, () => {
      const rule = groupRule(`cn=admins,${GROUPS}`, settings as GroupSettings);
      assert.throws(() => compileRule(rule), ConfigError);
    });
  }
});

describe("dynamic groups", () => {
  let directory: TestDirectory;
  let asker: GroupAsker;
  const GROUP = `cn=dynamic,${GROUPS}`;
  before(async () => {
    directory = await startFixtureDirectory();
    directory.apply(`dn: ${GROUP}\nchangetype: add\nobjectClass: groupOfURLs\ncn: dynamic\n`);
    asker = askGroups({ url: `${directory.url}/${PEOPLE}?uid` });
  });
  after(async () => {
    await asker.close();
    await directory.close();
  });

  type UrlCase = readonly [urls: readonly string[], alice: string, negated: string];
  const urls: readonly UrlCase[] = [
    [[`ldap:///${PEOPLE}??sub?(uid=alice)`], "granted", "denied"],
    [[`LDAP:///${PEOPLE}?cn,mail?one?(uid=alice)`], "granted", "denied"],
    [[`ldap:///${PEOPLE}??one?(uid=al*)`], "granted", "denied"],
    [[`ldap:///${PEOPLE}??one?uid=alice`], "granted", "denied"],
    [[`ldap:///${PEOPLE}??one`], "granted", "denied"],
    [[`ldap:///UID=ALICE,${PEOPLE}`], "granted", "denied"],
    [["ldap:///??sub?(uid=alice)"], "granted", "denied"],
    [
      [`ldap:///ou=Staff,dc=domain,dc=org??sub?(uid=alice)`, `ldap:///${PEOPLE}??sub?(uid=alice)`],
      "granted",
      "denied",
    ],
    [["ldap:///ou%3DPeople,dc=domain,dc=org??sub?%28uid=alice%29"], "granted", "denied"],
    // Not the person, or not where they are.
    [[`ldap:///${PEOPLE}??sub?(uid=bob)`], "denied", "granted"],
    [[`ldap:///ou=Staff,dc=domain,dc=org??sub?(uid=alice)`], "denied", "granted"],
    [[`ldap:///dc=domain,dc=org??one?(uid=alice)`], "denied", "granted"],
    [[`ldap:///${PEOPLE}??base?(uid=alice)`], "denied", "granted"],
    [[`ldap:///${PEOPLE}???(uid=alice)`], "denied", "granted"],
    [[`ldap:///eople,dc=domain,dc=org??sub?(uid=alice)`], "denied", "denied"],
    // Not to be followed or not to be read: neither lets in, nor does its opposite.
    [[`ldap://evil.example/${PEOPLE}??sub?(uid=alice)`], "denied", "denied"],
    [[`ldaps:///${PEOPLE}??sub?(uid=alice)`], "denied", "denied"],
    [[`ldap:///${PEOPLE}??sub?(uid=alice`], "denied", "denied"],
    [[`ldap:///${PEOPLE}??sub?(uid=alice)(uid=*)`], "denied", "denied"],
    [[`ldap:///${PEOPLE}??all?(uid=alice)`], "denied", "denied"],
    [[`ldap:///${PEOPLE}??sub?(uid=alice)?!x=1`], "denied", "denied"],
    [[`ldap:///${PEOPLE}??sub?(uid=alice)%zz`], "denied", "denied"],
    [["ldap:///not a dn??sub?(uid=alice)"], "denied", "denied"],
    [["x"], "denied", "denied"],
    [[""], "denied", "denied"],
    [[`ldap:///${PEOPLE}??sub?(uid=${"a".repeat(10_000)})`], "denied", "denied"],
    [["x", `ldap:///${PEOPLE}??sub?(uid=alice)`], "granted", "denied"],
    // What may not be read is neither true nor false.
    [[`ldap:///${PEOPLE}??sub?(secretCode=nothing)`], "denied", "denied"],
    [[`ldap:///${PEOPLE}??sub?(!(secretCode=nothing))`], "denied", "denied"],
  ];
  for (const [all, alice, negated] of urls) {
    const title = all.map((url) => url.slice(0, 90)).join(" ");
    it(`${title}: alice is ${alice}, and negated ${negated}`, async () => {
      const values = all.map((url) => `memberURL: ${url}\n`).join("");
      directory.apply(`dn: ${GROUP}\nchangetype: modify\nreplace: memberURL\n${values}`);
      const rule = groupRule(GROUP, { nested: "auto" });
      assert.equal((await asker.ask(rule, "alice")).outcome, alice);
      assert.equal((await asker.ask(noneOf(rule), "alice")).outcome, negated);
    });
  }

  it("count with nested: auto only", async () => {
    directory.apply(
      `dn: ${GROUP}\nchangetype: modify\nreplace: memberURL\nmemberURL: ldap:///${PEOPLE}??one\n`,
    );
    assert.equal((await asker.ask(groupRule(GROUP), "alice")).outcome, "denied");
    assert.equal((await asker.ask(groupRule(GROUP, { nested: 5 }), "alice")).outcome, "denied");
  });
});

/** The same directory, which says something else about itself. */
function sayingItIs(attributes: Readonly<Record<string, readonly string[]>>) {
  const through = (searches: Searches): Searches => ({
    ...searches,
    async search(query, deadline) {
      const found = await searches.search(query, deadline);
      if (query.base !== "") return found;
      return found.map((entry) => ({
        ...entry,
        attributes: new Map([...entry.attributes, ...Object.entries(attributes)]),
      }));
    },
    reporting: (report) => through(searches.reporting(report)),
  });
  return through;
}

describe("nested: auto by what the server says it is", () => {
  let directory: TestDirectory;
  let asker: GroupAsker;
  before(async () => {
    directory = await startFixtureDirectory();
    directory.apply(
      `dn: uid=frank,${PEOPLE}\nchangetype: modify\nadd: memberOf\nmemberOf: cn=level0,${GROUPS}\n`,
    );
    asker = askGroups({ url: `${directory.url}/${PEOPLE}?uid` });
  });
  after(async () => {
    await asker.close();
    await directory.close();
  });

  it("believes the memberOf of a 389 Directory Server, and of no other", async () => {
    const rule = groupRule(`cn=level0,${GROUPS}`, { nested: "auto" });
    const through = sayingItIs({ vendorname: ["389 Project"] });
    assert.equal((await asker.ask(rule, "frank", { through })).outcome, "granted");
    assert.equal((await asker.ask(noneOf(rule), "frank", { through })).outcome, "denied");
    // It may list direct groups only.
    assert.equal((await asker.ask(rule, "carol", { through })).outcome, "granted");
    assert.equal((await asker.ask(noneOf(rule), "carol", { through })).outcome, "denied");
    assert.equal((await asker.ask(rule, "alice", { through })).outcome, "denied");
    assert.equal((await asker.ask(rule, "frank")).outcome, "denied");
    const other = sayingItIs({ vendorname: ["OpenLDAP, not 389 Project"] });
    assert.equal((await asker.ask(rule, "frank", { through: other })).outcome, "denied");
  });

  it("goes level by level where a server that says so is no Active Directory after all", async () => {
    const rule = compileRule(groupRule(`cn=level0,${GROUPS}`, { nested: "auto" }));
    const claims = sayingItIs({ supportedcapabilities: ["1.2.840.113556.1.4.800"] });
    const through = (searches: Searches): Searches => claims(refusingChains(searches));
    assert.equal((await asker.ask(rule, "carol", { through })).outcome, "granted");
    assert.equal((await asker.ask(rule, "alice", { through })).outcome, "denied");
  });
});

describe("nested: auto in an Active Directory", () => {
  const CAPABILITY = "1.2.840.113556.1.4.800";
  const through = sayingItIs({ supportedcapabilities: [CAPABILITY] });
  const sid = (last: number): string => {
    const bytes = Buffer.from("010500000000000515000000949421cf2ccede3fd93478e900000000", "hex");
    bytes.writeUInt32LE(last, 24);
    return bytes.toString("base64");
  };
  const group = (name: string, last: number, more = "") =>
    `dn: cn=${name},${GROUPS}\nobjectClass: group\ncn: ${name}\ndistinguishedName: cn=${name},${GROUPS}\nobjectSid:: ${sid(last)}\n${more}`;
  let directory: TestDirectory;
  let asker: GroupAsker;
  let unreadable = "";

  before(async () => {
    directory = await startFixtureDirectory({
      // Behind the reader's back nothing changes: only what may be read does.
      access: (request) => request.attribute !== unreadable && fixtureAccess(request),
      ldif: [
        fixtureLdif,
        group("outer", 1001),
        group("inner", 1002, `memberOf: cn=outer,${GROUPS}\n`),
        group("primary", 513, `memberOf: cn=outer2,${GROUPS}\n`),
        group("outer2", 1003),
        group("other", 1004),
      ].join("\n"),
    });
    directory.apply(
      `dn: uid=frank,${PEOPLE}\nchangetype: modify\nadd: memberOf\nmemberOf: cn=inner,${GROUPS}\n-\nadd: objectSid\nobjectSid:: ${sid(1105)}\n-\nadd: primaryGroupID\nprimaryGroupID: 513\n`,
    );
    asker = askGroups({ url: `${directory.url}/${PEOPLE}?uid` });
  });
  after(async () => {
    await asker.close();
    await directory.close();
  });
  beforeEach(() => {
    unreadable = "";
  });

  const ask = async (name: string, negated = false) => {
    const rule = groupRule(`cn=${name},${GROUPS}`, { nested: "auto" });
    return (await asker.ask(negated ? noneOf(rule) : rule, "frank", { through })).outcome;
  };

  for (const [name, expected] of [
    ["inner", "granted"],
    ["outer", "granted"],
    ["primary", "granted"],
    ["outer2", "granted"],
    ["other", "denied"],
  ] as const) {
    it(`${name}: ${expected}`, async () => {
      assert.equal(await ask(name), expected);
      assert.equal(await ask(name, true), expected === "granted" ? "denied" : "granted");
    });
  }

  for (const attribute of ["memberof", "objectsid", "primarygroupid", "distinguishedname"]) {
    it(`takes an unreadable ${attribute} for no "no"`, async () => {
      unreadable = attribute;
      assert.equal(await ask("other"), "denied");
      assert.equal(await ask("other", true), "denied");
    });
  }

  for (const wrong of ["-513", "0x201", "99999999999", "513 "]) {
    it(`makes no group of the primaryGroupID ${JSON.stringify(wrong)}`, async () => {
      const spoilt = (searches: Searches): Searches => ({
        ...searches,
        async search(query, deadline) {
          const found = await searches.search(query, deadline);
          return found.map((entry) => ({
            ...entry,
            attributes: new Map([...entry.attributes, ["primarygroupid", [wrong]]]),
          }));
        },
        reporting: (report) => spoilt(searches.reporting(report)),
      });
      const rule = groupRule(`cn=primary,${GROUPS}`, { nested: "auto" });
      const both = (searches: Searches): Searches => through(spoilt(searches));
      assert.equal((await asker.ask(rule, "frank", { through: both })).outcome, "denied");
      assert.equal((await asker.ask(noneOf(rule), "frank", { through: both })).outcome, "denied");
    });
  }
});

describe("nested: auto beside OpenLDAP's memberOf overlay", { skip: slapd.skip }, () => {
  it("does not take its memberOf, which is not transitive, for an answer", async () => {
    const directory = await startSlapd({
      modules: ["memberof"],
      database: "overlay memberof",
      ldif: MORE,
    });
    const asker = askGroups({ url: `${directory.url}/${PEOPLE}?uid` });
    try {
      const rule = groupRule(`cn=level0,${GROUPS}`, { nested: "auto" });
      assert.equal((await asker.ask(rule, "carol")).outcome, "granted");
      assert.equal((await asker.ask(rule, "alice")).outcome, "denied");
      assert.equal((await asker.ask(noneOf(rule), "carol")).outcome, "denied");
      assert.equal((await asker.ask(noneOf(rule), "alice")).outcome, "granted");
    } finally {
      await asker.close();
      await directory.close();
    }
  });
});

const IN_CHAIN = "1.2.840.113556.1.4.1941";

/** A server that does not know the in-chain rule, as RFC 4511 section 4.5.1.7.7 has it say so in a result. */
function refusingChains(searches: Searches): Searches {
  return {
    ...searches,
    async search(query, deadline) {
      if (!formatFilter(query.filter).includes(IN_CHAIN)) return searches.search(query, deadline);
      // A real refusal: the attribute of this compare is unknown.
      await searches.compare(query.base, "noSuchAttribute;x-y=", "x", deadline);
      return [];
    },
    reporting: (report) => refusingChains(searches.reporting(report)),
  };
}
