import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { prepareChangePassword } from "../../src/authentication/change-password.ts";
import type { Credentials } from "../../src/authentication/credentials.ts";
import { prepareDirectoryProvider } from "../../src/authentication/directory-provider.ts";
import type { PasswordChangeResult } from "../../src/authentication/password-change.ts";
import type { ProviderResult } from "../../src/authentication/provider.ts";
import { startDeadline } from "../../src/directory/deadline.ts";
import { openDirectory } from "../../src/directory/open-directory.ts";
import { resolveLdap } from "../../src/options/resolve-ldap.ts";
import { type PolicyDirectory, policyDirectories } from "../support/password-policy.ts";
import { DOMAIN, type Samba, sambaSkip, startSamba } from "../support/samba.ts";

/** What the tests ask of a directory. */
interface People {
  login(username: string, password: string): Promise<ProviderResult>;
  /** Without whose it is. */
  change(username: string, oldPassword: string, newPassword: string): Promise<unknown>;
  close(): Promise<void>;
}

function openPeople(options: Parameters<typeof resolveLdap>[0]): People {
  const { url, directory: settings } = resolveLdap(options, () => {});
  const directory = openDirectory(settings);
  const how = { name: "ldap", url, initialBind: undefined };
  const provider = prepareDirectoryProvider(directory, {
    ...how,
    wanted: ["cn"],
    isAuthoritative: true,
    looksAtAccount: true,
  });
  const change = prepareChangePassword(directory, how);
  const soon = () => startDeadline(5_000);
  return {
    login: (username, password) =>
      provider.authenticate({ username, password } satisfies Credentials, soon()),
    change: async (username, oldPassword, newPassword) =>
      withoutPerson(await change({ username, oldPassword, newPassword }, soon())),
    close: () => directory.close(),
  };
}

function withoutPerson(result: ProviderResult | PasswordChangeResult): unknown {
  const { person: _, ...rest } = { person: undefined, ...result };
  return rest;
}

async function outcomeOf(login: Promise<ProviderResult>): Promise<unknown> {
  return withoutPerson(await login);
}

const WRONG = { outcome: "denied", reason: "wrong-password" };
const GRANTED = { outcome: "granted" };
const WRONG_CHANGE = { outcome: "wrong-credentials", reason: "wrong-password" };

function stopped(state: string): unknown {
  return { outcome: "denied", reason: state, state };
}

for (const { name: program, skip, start } of policyDirectories) {
  describe(`accounts of ${program} with a password policy`, { skip }, () => {
    let server: PolicyDirectory;
    let people: People;
    before(async () => {
      server = await start();
      const url = `${server.ldapsUrl}/dc=domain,dc=org?uid?sub`;
      people = openPeople({ url, tls: { ca: server.ca } });
    });
    after(async () => {
      await people?.close();
      await server?.close();
    });

    for (const [name, expected] of [
      ["other", GRANTED],
      ["reset", stopped("must-change-password")],
      ["soon", undefined],
      ["expired", stopped("password-expired")],
      ["banned", WRONG],
      ["left", stopped("account-expired")],
    ] as const) {
      it(`${name}: tells the state to who has the right password, and nobody else`, async () => {
        assert.deepEqual(await outcomeOf(people.login(name, "wrong")), WRONG);
        const found = await outcomeOf(people.login(name, `${name}-pw`));
        if (expected) assert.deepEqual(found, expected);
      });
    }

    it("warns of a password that expires soon", async () => {
      const result = await people.login("soon", "soon-pw");
      assert(result.outcome === "granted");
      const { expiresIn = 0, graceLogins } = result.warning ?? {};
      assert(expiresIn > 200 && expiresIn <= 300, String(expiresIn));
      assert.equal(graceLogins, undefined);
    });

    it("counts the logins that are left, also of who was known", async () => {
      const login = () => outcomeOf(people.login("grace", "grace-pw"));
      assert.deepEqual(await login(), { ...GRANTED, warning: { graceLogins: 1 } });
      assert.deepEqual(await login(), { ...GRANTED, warning: { graceLogins: 0 } });
      assert.deepEqual(await login(), stopped("password-expired"));
      assert.deepEqual(await outcomeOf(people.login("grace", "wrong")), WRONG);
    });

    it("tells nobody of a lockout after wrong passwords", async () => {
      for (const guess of ["a", "b", "c", "d", "guessed-pw"]) {
        assert.deepEqual(await outcomeOf(people.login("guessed", guess)), WRONG);
      }
      assert.deepEqual(await people.change("guessed", "guessed-pw", "something-new"), WRONG_CHANGE);
    });

    it("changes a password, and only with the old one", async () => {
      assert.deepEqual(await people.change("fresh", "wrong", "Gänse 😀 klein"), WRONG_CHANGE);
      assert.deepEqual(await outcomeOf(people.login("fresh", "fresh-pw")), GRANTED);
      const changed = await people.change("fresh", "fresh-pw", "Gänse 😀 klein");
      assert.deepEqual(changed, { outcome: "changed" });
      assert.deepEqual(await outcomeOf(people.login("fresh", "fresh-pw")), WRONG);
      assert.deepEqual(await outcomeOf(people.login("fresh", "Gänse 😀 klein")), GRANTED);
    });

    it("lets somebody in who has changed a password that had to be changed", async () => {
      assert.deepEqual(await people.change("reset", "reset-pw", "my own choice"), {
        outcome: "changed",
      });
      assert.deepEqual(await outcomeOf(people.login("reset", "my own choice")), GRANTED);
    });

    for (const [name, wanted, text] of [
      ["other", "short", "Password fails quality checking policy"],
      ["other", "other-pw", "Password is not being changed from existing value"],
      ["young", "long enough", "Password is too young to change"],
      ["fixed", "long enough", "User alteration of password is not allowed"],
    ] as const) {
      it(`says why ${name} can't have "${wanted}"`, async () => {
        const refused = await people.change(name, `${name}-pw`, wanted);
        assert.deepEqual(refused, { outcome: "refused", text });
        assert.deepEqual(await outcomeOf(people.login(name, `${name}-pw`)), GRANTED);
      });
    }

    it("keeps to the history", async () => {
      assert.deepEqual(await people.change("other", "other-pw", "second one"), {
        outcome: "changed",
      });
      assert.deepEqual(await people.change("other", "second one", "other-pw"), {
        outcome: "refused",
        text: "Password is in history of old passwords",
      });
    });

    it("does not change what has expired altogether", async () => {
      assert.deepEqual(await people.change("expired", "expired-pw", "long enough"), {
        outcome: "not-possible",
        state: "password-expired",
      });
      assert.deepEqual(await people.change("expired", "wrong", "long enough"), WRONG_CHANGE);
    });

    it("says the same of a name that nobody has as of a wrong password", async () => {
      assert.deepEqual(await people.change("nobody", "wrong", "long enough"), {
        outcome: "wrong-credentials",
        reason: "unknown-user",
      });
    });
  });
}

describe("accounts of Active Directory (Samba)", { skip: sambaSkip }, () => {
  let samba: Samba;
  let people: People;
  const USERS = `CN=Users,${DOMAIN}`;
  const names = ["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "reader"];

  before(async () => {
    samba = await startSamba();
    for (const name of names) {
      const more = name === "carol" || name === "frank" ? ["--must-change-at-next-login"] : [];
      await samba.tool("user", "create", name, `${name}-pw`, ...more);
    }
    await samba.tool("user", "disable", "bob");
    await samba.tool("user", "setexpiry", "dave", "--days=-1");
    await samba.modify(`dn: CN=grace,${USERS}
changetype: modify
replace: logonHours
logonHours:: ${Buffer.alloc(21).toString("base64")}

dn: CN=heidi,${USERS}
changetype: modify
replace: userWorkstations
userWorkstations: elsewhere
`);
    await samba.tool(
      ...["domain", "passwordsettings", "set", "--account-lockout-threshold=3"],
      ...["--account-lockout-duration=30", "--min-pwd-length=5", "--history-length=3"],
    );
    people = openPeople({
      url: `${samba.ldapsUrl}/${DOMAIN}?sAMAccountName?sub?(objectClass=user)`,
      bindDn: "reader@ad.example",
      bindPassword: "reader-pw",
      tls: { ca: samba.ca },
    });
  });
  after(async () => {
    await people?.close();
    await samba?.close();
  });

  for (const [name, expected] of [
    ["alice", GRANTED],
    ["bob", stopped("account-disabled")],
    ["carol", stopped("must-change-password")],
    ["dave", stopped("account-expired")],
    ["grace", stopped("not-at-this-time")],
    ["heidi", stopped("not-from-here")],
  ] as const) {
    it(`${name}: tells the state to who has the right password, and nobody else`, async () => {
      assert.deepEqual(await outcomeOf(people.login(name, "wrong")), WRONG);
      assert.deepEqual(await outcomeOf(people.login(name, `${name}-pw`)), expected);
      assert.deepEqual(await outcomeOf(people.login(name, "wrong")), WRONG);
    });
  }

  it("tells nobody of a lockout after wrong passwords", async () => {
    for (const guess of ["a", "b", "c", "d", "erin-pw"]) {
      assert.deepEqual(await outcomeOf(people.login("erin", guess)), WRONG);
    }
    assert.deepEqual(await people.change("erin", "erin-pw", "something-new"), WRONG_CHANGE);
  });

  it("changes a password that must be changed, as the service account, with the old one", async () => {
    assert.deepEqual(await people.change("frank", "wrong", "Gänse 😀"), WRONG_CHANGE);
    assert.deepEqual(await people.change("frank", "frank-pw", "Gänse 😀"), { outcome: "changed" });
    assert.deepEqual(await outcomeOf(people.login("frank", "Gänse 😀")), GRANTED);
  });

  it("says why a new password is not taken", async () => {
    assert.deepEqual(await people.change("alice", "alice-pw", "four"), {
      outcome: "refused",
      text: "the password is too short. It should be equal or longer than 5 characters!",
    });
    assert.deepEqual(await people.change("carol", "carol-pw", "four"), {
      outcome: "refused",
      text: "the password is too short. It should be equal or longer than 5 characters!",
    });
    assert.deepEqual(await outcomeOf(people.login("alice", "alice-pw")), GRANTED);
  });

  it("changes a password as the person, and keeps to the history", async () => {
    assert.deepEqual(await people.change("alice", "alice-pw", "second one"), {
      outcome: "changed",
    });
    assert.deepEqual(await people.change("alice", "second one", "alice-pw"), {
      outcome: "refused",
      text: "the password was already used (in history)!",
    });
    assert.deepEqual(await outcomeOf(people.login("alice", "second one")), GRANTED);
  });

  it("changes none of an account that may not be used, although Active Directory would", async () => {
    assert.deepEqual(await people.change("bob", "bob-pw", "long enough"), {
      outcome: "not-possible",
      state: "account-disabled",
    });
    assert.deepEqual(await people.change("bob", "wrong", "long enough"), WRONG_CHANGE);
    assert.deepEqual(await people.change("dave", "dave-pw", "long enough"), {
      outcome: "not-possible",
      state: "account-expired",
    });
  });

  it("tells, and changes, a password that has expired", async () => {
    await samba.tool("user", "create", "ivan", "ivan-pw");
    assert.deepEqual(await outcomeOf(people.login("ivan", "ivan-pw")), GRANTED);
    await samba.agePassword("ivan");
    const expired = stopped("password-expired");
    assert.deepEqual(await outcomeOf(people.login("ivan", "ivan-pw")), expired);
    assert.deepEqual(await outcomeOf(people.login("ivan", "wrong")), WRONG);
    assert.deepEqual(await people.change("ivan", "wrong", "second one"), WRONG_CHANGE);
    assert.deepEqual(await people.change("ivan", "ivan-pw", "second one"), { outcome: "changed" });
    assert.deepEqual(await outcomeOf(people.login("ivan", "second one")), GRANTED);
  });
});
