import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { type AuthenticationResult, authnzLdap } from "../../src/index.ts";
import type { TestDirectory } from "../../src/testing/index.ts";
import { startFixtureDirectory } from "../support/fixture-directory.ts";

const PEOPLE = "ou=People,dc=domain,dc=org?uid?one";

let directory: TestDirectory;
before(async () => {
  directory = await startFixtureDirectory();
});
after(() => directory.close());
beforeEach(() => directory.clearOperations());

/** Asks once, over a handle of its own. */
async function authenticate(username: unknown, password: unknown, rest = PEOPLE) {
  const ldap = authnzLdap({ url: `${directory.url}/${rest}`, log: () => {} });
  try {
    return await ldap.authenticate({ username, password } as never);
  } finally {
    await ldap.close();
  }
}

/** Why they were not let in; undefined if they were. */
function refusalOf(result: AuthenticationResult): string | undefined {
  return result.ok ? undefined : result.reason;
}

function operations(name: string) {
  return directory.operations.filter(({ operation }) => operation === name);
}

describe("authenticate", () => {
  it("finds the entry and binds once, with its DN", async () => {
    const result = await authenticate(
      "alice",
      "alice-pw",
      "ou=People,dc=domain,dc=org?uid,mail?one",
    );
    assert(result.ok);
    assert.equal(result.person.dn, "uid=alice,ou=People,dc=domain,dc=org");
    assert.equal(result.person.username, "alice");
    assert.deepEqual(result.person.attributes.mail, ["alice@domain.org", "a.adams@domain.org"]);
    assert.deepEqual(
      operations("bind").map(({ dn }) => dn),
      ["uid=alice,ou=People,dc=domain,dc=org"],
    );
    assert(!JSON.stringify(result).includes("alice-pw"));
  });

  const refusals: readonly (readonly [string, string, string, string?])[] = [
    ["alice", "wrong", "wrong-password"],
    ["alice", "ALICE-PW", "wrong-password"],
    ["alice", " alice-pw", "wrong-password"],
    ["nobody", "alice-pw", "unknown-user"],
    ["twin", "twin-pw", "ambiguous-user", "dc=domain,dc=org?uid?sub"],
    ["nopw", "anything", "wrong-password"],
    ["alice", "alice-pw", "unknown-base", "ou=Nowhere,dc=domain,dc=org?uid?one"],
    ["websub", "websub-pw", "unknown-user", "ou=web,dc=domain,dc=org?uid?one"],
    [
      "web1",
      "web1-pw",
      "unknown-user",
      "ou=web,dc=domain,dc=org?uid?one?(WebAccess=MyWebApp_Level_2)",
    ],
  ];
  for (const [username, password, reason, rest] of refusals) {
    it(`refuses ${username} / ${password} as ${reason}, with one bind`, async () => {
      assert.equal(refusalOf(await authenticate(username, password, rest)), reason);
      assert.equal(operations("bind").length, 1);
    });
  }

  it("binds as nobody who exists where there is nobody to bind as", async () => {
    await authenticate("nobody", "alice-pw");
    const [decoy] = operations("bind");
    assert(decoy);
    assert.equal(directory.entry(decoy.dn), undefined);
  });

  const unacceptable: readonly (readonly [string, unknown, unknown])[] = [
    ["an empty password", "alice", ""],
    ["a missing password", "alice", undefined],
    ["null", "alice", null],
    ["an array", "alice", ["alice-pw"]],
    ["an object", "alice", { length: 1 }],
    ["a number", "alice", 1],
    ["true", "alice", true],
    ["a leading NUL", "alice", "\0alice-pw"],
    ["a NUL inside", "alice", "alice-pw\0junk"],
    ["1,025 bytes", "alice", "x".repeat(1025)],
    ["1,026 bytes in 513 letters", "alice", "é".repeat(513)],
    ["a lone surrogate", "alice", "\ud800"],
    ["an empty name", "", "alice-pw"],
    ["a name that is an array", ["alice"], "alice-pw"],
    ["a name with NUL", "alice\0", "alice-pw"],
    ["a name of 1,025 bytes", "x".repeat(1025), "alice-pw"],
  ];
  for (const [what, username, password] of unacceptable) {
    it(`sends nothing for ${what}`, async () => {
      const connections = directory.totalConnections;
      const result = await authenticate(username, password);
      assert.deepEqual(result, { ok: false, reason: "unacceptable-credentials" });
      assert.equal(directory.totalConnections, connections);
      assert.deepEqual(directory.operations, []);
    });
  }

  it("takes passwords as they are", async () => {
    for (const [username, password] of [
      ["spacepw", " lead and trail "],
      ["blankpw", " "],
      ["colonpw", "a:b:c"],
      ["utf8pw", "pässwörd€"],
    ]) {
      assert((await authenticate(username, password)).ok, username);
    }
    assert(!(await authenticate("spacepw", "lead and trail")).ok);
    assert(!(await authenticate("utf8pw", "pässwörd€".normalize("NFD"))).ok);
    assert(!(await authenticate("alice", "\u00a0")).ok);
  });

  for (const username of ["EXTERNAL", "PLAIN", "DIGEST-MD5", "SCRAM-SHA-1"]) {
    it(`takes ${username} for an ordinary name`, async () => {
      assert.equal(refusalOf(await authenticate(username, "x")), "unknown-user");
      assert.match(operations("search")[0]?.filter ?? "", new RegExp(`\\(uid=${username}\\)`));
    });
  }

  for (const username of [
    "a*b",
    "paren(x)",
    "back\\slash",
    "comma,user",
    "plus+sign",
    "#hash",
    'quo"te',
    "sl/ash",
    "eq=ual",
    "am&per|pipe!",
    "José",
    "Ωmega",
    "😀user",
    "Straße",
    "user@domain.org",
  ]) {
    it(`logs in ${username}`, async () => {
      const result = await authenticate(username, `${username}-pw`);
      assert(result.ok);
      assert.equal(result.person.username, username);
    });
  }

  const injections: readonly (readonly [string, string])[] = [
    ["*", "\\2a"],
    ["a*", "a\\2a"],
    ["*)(uid=*", "\\2a\\29\\28uid=\\2a"],
    ["alice)(|(uid=*", "alice\\29\\28|\\28uid=\\2a"],
    ["\\2a", "\\5c2a"],
    ["\\28", "\\5c28"],
    ["(", "\\28"],
    ["\\", "\\5c"],
    ["alice)(userPassword=*", "alice\\29\\28userPassword=\\2a"],
  ];
  for (const [username, escaped] of injections) {
    it(`searches for ${username} literally`, async () => {
      const result = await authenticate(username, "alice-pw");
      assert.equal(refusalOf(result), "unknown-user");
      assert.equal(operations("search")[0]?.filter, `(&(objectClass=*)(uid=${escaped}))`);
    });
  }

  it("knows one person by one name, however it was typed", async () => {
    for (const typed of ["ALICE", "Alice", " alice", "alice "]) {
      const result = await authenticate(typed, "alice-pw");
      assert(result.ok, typed);
      assert.equal(result.person.username, "alice");
    }
    const mixed = await authenticate("mixedcase", "MixedCase-pw");
    assert(mixed.ok);
    assert.equal(mixed.person.username, "MixedCase");
  });

  it("does not take look-alikes for the person", async () => {
    for (const typed of ["аlice", "al\u00adice\u0000", "alice\u200b.", "ADM\u0130N"]) {
      assert(!(await authenticate(typed, "alice-pw")).ok, JSON.stringify(typed));
    }
  });

  it("keeps the name that was typed where the entry has several", async () => {
    for (const name of ["two1", "two2"]) {
      const result = await authenticate(name, "two-pw");
      assert(result.ok);
      assert.equal(result.person.username, name);
    }
  });

  it("uses the directory's name where another attribute was typed", async () => {
    const result = await authenticate(
      "a.adams@domain.org",
      "alice-pw",
      "ou=People,dc=domain,dc=org?mail?one",
    );
    assert(result.ok);
    assert.equal(result.person.username, "a.adams@domain.org");
    assert.equal(result.person.dn, "uid=alice,ou=People,dc=domain,dc=org");
  });
});

describe("a refusal", () => {
  it("takes as long for nobody as for a wrong password", async () => {
    const ldap = authnzLdap({ url: `${directory.url}/dc=domain,dc=org?uid?sub`, log: () => {} });
    const names = ["alice", "nobody", "twin", "nopw"] as const;
    const times = new Map<string, number[]>(names.map((name) => [name, []]));
    directory.setLatency(20);
    try {
      for (let n = 0; n < 11; n++) {
        for (const name of names) {
          const start = performance.now();
          assert(!(await ldap.authenticate({ username: name, password: "wrong" })).ok);
          times.get(name)?.push(performance.now() - start);
        }
      }
    } finally {
      directory.setLatency(0);
      await ldap.close();
    }
    const median = (name: string) => times.get(name)?.sort((a, b) => a - b)[5] ?? Number.NaN;
    for (const name of names) {
      const ratio = median(name) / median("alice");
      assert(ratio > 0.8 && ratio < 1.25, `${name}: ${ratio}`);
    }
  });
});
