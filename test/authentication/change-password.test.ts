import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import {
  type ChangePassword,
  prepareChangePassword,
} from "../../src/authentication/change-password.ts";
import { type Admission, TooManyTries } from "../../src/authentication/provider.ts";
import { startDeadline } from "../../src/directory/deadline.ts";
import type { Directory } from "../../src/directory/directory.ts";
import { openDirectory } from "../../src/directory/open-directory.ts";
import { ConfigError } from "../../src/errors.ts";
import { resolveLdap } from "../../src/options/resolve-ldap.ts";
import type { TestDirectory } from "../../src/testing/index.ts";
import { fixtureAccess, startFixtureDirectory } from "../support/fixture-directory.ts";

const BASE = "dc=domain,dc=org?uid?sub?(objectClass=inetOrgPerson)";

let server: TestDirectory;
let directory: Directory;
let change: ChangePassword;

function opened(url: string): { directory: Directory; change: () => ChangePassword } {
  const { directory: settings, url: parsed } = resolveLdap(
    { url, ...(url.startsWith("ldaps") ? { tls: { ca: server.ca ?? "" } } : {}) },
    () => {},
  );
  const one = openDirectory(settings);
  const how = { name: "ldap", url: parsed, initialBind: undefined };
  return { directory: one, change: () => prepareChangePassword(one, how) };
}

before(async () => {
  server = await startFixtureDirectory({
    tls: true,
    access: (request) =>
      request.operation === "password-modify" ? request.who === request.dn : fixtureAccess(request),
  });
  const one = opened(`${server.ldapsUrl}/${BASE}`);
  directory = one.directory;
  change = one.change();
});
after(async () => {
  await directory.close();
  await server.close();
});
beforeEach(() => server.clearOperations());

const soon = () => startDeadline(5_000);

function ask(username: string, oldPassword: string, newPassword: string, admission?: Admission) {
  return change({ username, oldPassword, newPassword }, soon(), admission);
}

const operations = () => server.operations.map(({ operation }) => operation);

describe("prepareChangePassword", () => {
  it("changes the password of the entry that the name leads to, and tells whose it is", async () => {
    const result = await ask("BOB", "bob-pw", "bob-second");
    assert(result.outcome === "changed");
    const { person } = result;
    assert.equal(person.dn, "uid=bob,ou=People,dc=domain,dc=org");
    assert.equal(person.provider, "ldap");
    assert(!JSON.stringify(result).includes("second"));
    const again = await ask("bob", "bob-pw", "bob-third");
    assert.deepEqual(again, { outcome: "wrong-credentials", reason: "wrong-password" });
    assert.equal((await ask("bob", "bob-second", "bob-pw")).outcome, "changed");
  });

  for (const [username, oldPassword, reason] of [
    ["alice", "wrong", "wrong-password"],
    ["nobody", "wrong", "unknown-user"],
    ["twin", "twin-pw", "ambiguous-user"],
    ["alice", "", "unacceptable-credentials"],
    ["", "alice-pw", "unacceptable-credentials"],
    ["alice", "alice-pw\0", "unacceptable-credentials"],
    ["al*", "alice-pw", "unknown-user"],
  ] as const) {
    it(`refuses ${JSON.stringify([username, oldPassword])} (${reason}), and sends no new password`, async () => {
      const result = await ask(username, oldPassword, "something-new");
      assert.deepEqual(result, { outcome: "wrong-credentials", reason });
      assert(!operations().includes("password-modify"));
      assert.equal((await directory.checkPassword(ALICE, "alice-pw", soon())).accepted, true);
    });
  }

  it("asks the same of the directory for a name that nobody has as for a wrong password", async () => {
    await ask("alice", "wrong", "something-new");
    const known = operations();
    server.clearOperations();
    await ask("nobody", "wrong", "something-new");
    assert.deepEqual(operations(), known);
    assert.deepEqual(known, ["search", "bind"]);
    const binds = server.operations.filter(({ operation }) => operation === "bind");
    assert(
      binds.every(({ dn }) => /dc=invalid$/.test(dn)),
      "as nobody",
    );
  });

  for (const newPassword of ["", "x\0y", "x".repeat(2_000), "\ud800"]) {
    it(`wants no new password like ${JSON.stringify(newPassword.slice(0, 5))}, and asks nobody`, async () => {
      for (const oldPassword of ["alice-pw", "wrong"]) {
        const result = await ask("alice", oldPassword, newPassword);
        assert.deepEqual(result, { outcome: "refused", text: undefined });
      }
      assert.deepEqual(operations(), []);
    });
  }

  it("asks to be admitted before it checks the old password, under one identity", async () => {
    const asked: (string | undefined)[] = [];
    const admission: Admission = {
      admit: async (identity) => {
        asked.push(identity);
        if (identity !== undefined) throw new TooManyTries(30);
      },
    };
    await assert.rejects(ask("alice", "alice-pw", "something-new", admission), TooManyTries);
    await assert.rejects(ask("ALICE", "wrong", "something-new", admission), TooManyTries);
    assert.equal(asked.length, 4);
    assert.equal(asked[0], undefined);
    assert.match(asked[1] ?? "", /^ldap ./);
    assert.equal(asked[1], asked[3]);
    assert(!operations().includes("bind"));
  });

  it("rejects when the directory can't say", async () => {
    for (const username of ["alice", "nobody"]) {
      const away = server.addFault({ on: "bind", fault: "stall" });
      const slow = change(
        { username, oldPassword: "alice-pw", newPassword: "something-new" },
        startDeadline(300),
      );
      await assert.rejects(slow, { name: "DirectoryError", code: "timeout" });
      away();
    }
  });

  it("does not start where the connection to the directory could be listened to", async () => {
    const clear = opened(`${server.url}/${BASE}`);
    assert.throws(clear.change, (error) => {
      assert(error instanceof ConfigError);
      assert.equal(error.option, "passwordChange");
      return true;
    });
    await clear.directory.close();
  });
});

const ALICE = "uid=alice,ou=People,dc=domain,dc=org";
