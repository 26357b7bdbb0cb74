import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { compileRule } from "../../src/authorization/compile-rule.ts";
import type { GroupSettings } from "../../src/authorization/rule.ts";
import { authnzLdap, requireGroup } from "../../src/index.ts";
import {
  askGroups,
  type GroupAsker,
  groupRule,
  httpdGroup,
  noneOf,
} from "../support/group-asker.ts";
import { DOMAIN, type Samba, sambaSkip, startSamba } from "../support/samba.ts";

const USERS = `CN=Users,${DOMAIN}`;

/** People: who is in `inner`, which is in `outer`; jane has a comma in her DN and is in `staff`; mallory's primary group is `crew`, not "Domain Users". */
async function fill({ tool, modify }: Samba): Promise<void> {
  for (const name of ["alice", "erin", "jane", "mallory", "reader"]) {
    await tool("user", "create", name, `${name}-pw`);
  }
  await modify(
    `dn: CN=jane,${USERS}\nchangetype: modrdn\nnewrdn: CN=Doe\\, Jane\ndeleteoldrdn: 1\n`,
  );
  for (const name of ["inner", "outer", "staff", "crew", "everybody", "sailors", "empty"]) {
    await tool("group", "add", name);
  }
  await tool("group", "addmembers", "inner", "alice,erin");
  await tool("group", "addmembers", "outer", "inner");
  // A cycle.
  await tool("group", "addmembers", "inner", "outer");
  await tool("group", "addmembers", "staff", "jane");
  await tool("group", "addmembers", "crew", "mallory");
  await tool("group", "addmembers", "everybody", "Domain Users");
  await tool("group", "addmembers", "sailors", "crew");
}

type Case = readonly [
  group: string,
  settings: GroupSettings,
  name: string,
  expected: "granted" | "denied",
];

const AUTO = { nested: "auto" } as const;

const CASES: readonly Case[] = [
  ["CN=inner", {}, "erin", "granted"],
  ["CN=inner", AUTO, "erin", "granted"],
  ["CN=outer", {}, "erin", "denied"],
  ["CN=outer", AUTO, "erin", "granted"],
  ["cn=OUTER", AUTO, "erin", "granted"],
  ["CN=outer", AUTO, "jane", "denied"],
  ["CN=outer", { nested: 1, subGroupClasses: ["group"] }, "erin", "granted"],
  ["CN=outer", { nested: 1, subGroupClasses: ["group"] }, "jane", "denied"],
  ["CN=outer", { ...AUTO, subGroupClasses: ["group"] }, "erin", "granted"],
  ["CN=outer", { nested: 9 }, "erin", "granted"],
  ["CN=staff", AUTO, "jane", "granted"],
  ["CN=staff", AUTO, "alice", "denied"],
  ["CN=empty", AUTO, "alice", "denied"],
  ["CN=Domain Users", {}, "alice", "denied"],
  ["CN=Domain Users", AUTO, "alice", "granted"],
  ["CN=Domain Users", AUTO, "jane", "granted"],
  ["CN=everybody", AUTO, "jane", "granted"],
  ["CN=crew", AUTO, "jane", "denied"],
  ["CN=Domain Admins", AUTO, "alice", "denied"],
];

describe("groups of a real Active Directory (Samba)", { skip: sambaSkip }, () => {
  let samba: Samba;
  let asker: GroupAsker;
  const options = () => ({
    url: `${samba.ldapsUrl}/${DOMAIN}?sAMAccountName?sub?(objectClass=user)`,
    bindDn: "reader@ad.example",
    bindPassword: "reader-pw",
    tls: { ca: samba.ca },
  });
  before(async () => {
    samba = await startSamba();
    await fill(samba);
    asker = askGroups(options());
  });
  after(async () => {
    await asker?.close();
    await samba?.close();
  });

  for (const [rdn, settings, name, expected] of CASES) {
    it(`${rdn} ${JSON.stringify(settings)}: ${name} is ${expected}`, async () => {
      const rule = groupRule(`${rdn},${USERS}`, settings);
      const found = await asker.ask(rule, name);
      assert.equal(found.outcome, expected, found.reason);
      const none = await asker.ask(noneOf(rule), name);
      assert.equal(none.outcome, expected === "granted" ? "denied" : "granted", none.reason);
    });
  }

  it("lets nobody in by a group that is not there, nor by its opposite", async () => {
    const rule = groupRule(`CN=nogroup,${USERS}`, AUTO);
    assert.equal((await asker.ask(rule, "alice")).outcome, "denied");
    assert.equal((await asker.ask(noneOf(rule), "alice")).outcome, "denied");
  });

  it("follows a changed primary group, and who is in groups by it", async () => {
    const rules = ["crew", "sailors", "Domain Users", "everybody"].map((name) =>
      compileRule(groupRule(`CN=${name},${USERS}`, AUTO)),
    );
    const outcomes = async () => {
      const found = await Promise.all(rules.map((rule) => asker.ask(rule, "mallory")));
      return found.map(({ outcome }) => outcome);
    };
    assert.deepEqual(await outcomes(), ["granted", "granted", "granted", "granted"]);
    const { stdout } = await samba.tool("group", "show", "crew", "--attributes=objectSid");
    const [, last = ""] = /objectSid: S-1-5-21-[0-9-]+-([0-9]+)/.exec(stdout) ?? [];
    await samba.modify(
      `dn: CN=mallory,${USERS}\nchangetype: modify\nreplace: primaryGroupID\nprimaryGroupID: ${last}\n`,
    );
    // She is in no list of crew now; in "Domain Users" the server has put her itself.
    const direct = groupRule(`CN=crew,${USERS}`);
    assert.equal((await asker.ask(direct, "mallory")).outcome, "denied");
    assert.deepEqual(await outcomes(), ["granted", "granted", "granted", "granted"]);
    await samba.tool("group", "removemembers", "Domain Users", "mallory");
    assert.deepEqual(await outcomes(), ["granted", "granted", "denied", "denied"]);
    for (const [name, expected] of [
      ["crew", "denied"],
      ["sailors", "denied"],
      ["Domain Users", "granted"],
      ["everybody", "granted"],
    ] as const) {
      const none = noneOf(groupRule(`CN=${name},${USERS}`, AUTO));
      assert.equal((await asker.ask(none, "mallory")).outcome, expected, name);
    }
  });

  it("asks few questions, and fetches no list", async () => {
    const rule = compileRule(groupRule(`CN=staff,${USERS}`, AUTO));
    await asker.ask(rule, "alice");
    const { operations = [] } = await asker.ask(rule, "alice");
    assert.deepEqual(
      operations.map(({ operation, scope, dn }) => `${operation} ${scope} ${dn}`),
      [
        `search base CN=staff,${USERS}`,
        `search base CN=alice,${USERS}`,
        `search base CN=alice,${USERS}`,
        `search sub ${DOMAIN}`,
      ],
    );
  });

  it("walks groups in groups as httpd does", async () => {
    const settings = { subGroupClasses: ["group"] };
    const rule = httpdGroup(`CN=outer,${USERS}`, settings);
    assert.equal((await asker.ask(rule, "erin")).outcome, "granted");
    assert.equal((await asker.ask(rule, "jane")).outcome, "denied");
    assert.equal((await asker.ask(noneOf(rule), "jane")).outcome, "granted");
  });

  it("finds the one group among 1,600 contacts", async () => {
    const names = Array.from({ length: 1_600 }, (_, n) => `CN=c${n},${USERS}`);
    await samba.modify(
      names.map((dn) => `dn: ${dn}\nchangetype: add\nobjectClass: contact\n\n`).join(""),
    );
    const members = names.map((dn) => `member: ${dn}\n`).join("");
    await samba.tool("group", "add", "crowd");
    await samba.modify(`dn: CN=crowd,${USERS}\nchangetype: modify\nadd: member\n${members}`);
    await samba.modify(
      `dn: CN=crowd,${USERS}\nchangetype: modify\nadd: member\nmember: CN=staff,${USERS}\n`,
    );
    const rule = httpdGroup(`CN=crowd,${USERS}`, { subGroupClasses: ["group"] });
    assert.equal((await asker.ask(rule, "jane", { timeout: 20_000 })).outcome, "granted");
    assert.equal((await asker.ask(rule, "alice", { timeout: 20_000 })).outcome, "denied");
    const auto = groupRule(`CN=crowd,${USERS}`, AUTO);
    assert.equal((await asker.ask(auto, "jane")).outcome, "granted");
  });

  it("lets nobody in by a negation where a memberOf may not be read", async () => {
    const { stdout } = await samba.tool("user", "show", "reader", "--attributes=objectSid");
    const [, reader = ""] = /objectSid: (S-[0-9-]+)/.exec(stdout) ?? [];
    // Reading is denied of this one attribute, by its schemaIDGUID.
    const hideMemberOf = (dn: string) =>
      samba.tool(
        ...["dsacl", "set", "--action=deny", `--objectdn=${dn}`],
        `--sddl=(OD;;RP;bf967991-0de6-11d0-a285-00aa003049e2;;${reader})`,
      );
    await samba.tool("user", "create", "hidden", "hidden-pw");
    await samba.tool("group", "add", "shy");
    await samba.tool("group", "add", "aboveshy");
    await samba.tool("group", "addmembers", "shy", "hidden");
    await samba.tool("group", "addmembers", "aboveshy", "shy");
    const none = (name: string) => noneOf(groupRule(`CN=${name},${USERS}`, AUTO));

    await hideMemberOf(`CN=hidden,${USERS}`);
    assert.equal((await asker.ask(none("aboveshy"), "hidden")).outcome, "denied");
    assert.equal((await asker.ask(none("aboveshy"), "alice")).outcome, "granted");

    await hideMemberOf(`CN=Domain Users,${USERS}`);
    assert.equal((await asker.ask(none("everybody"), "alice")).outcome, "denied");
    assert.equal((await asker.ask(none("aboveshy"), "alice")).outcome, "granted");
  });

  it("decides the same for a request, explained", async () => {
    const ldap = authnzLdap({ ...options(), log: () => {} });
    try {
      const guard = requireGroup(`CN=outer,${USERS}`, AUTO);
      const granted = await ldap.explain({ username: "erin", rule: guard });
      const denied = await ldap.explain({ username: "jane", rule: guard });
      assert.deepEqual([granted.outcome, denied.outcome], ["granted", "denied"]);
    } finally {
      await ldap.close();
    }
  });
});
