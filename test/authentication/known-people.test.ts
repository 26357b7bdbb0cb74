import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { prepareDirectoryProvider } from "../../src/authentication/directory-provider.ts";
import type { Provider } from "../../src/authentication/provider.ts";
import { startDeadline } from "../../src/directory/deadline.ts";
import type { Directory } from "../../src/directory/directory.ts";
import { openDirectory } from "../../src/directory/open-directory.ts";
import { parseAuthLdapUrl } from "../../src/ldap/parse-auth-ldap-url.ts";
import { resolveLdap } from "../../src/options/resolve-ldap.ts";
import type { TestDirectory } from "../../src/testing/index.ts";
import { startFixtureDirectory } from "../support/fixture-directory.ts";

const PEOPLE = "ou=People,dc=domain,dc=org";
const ALICE = `uid=alice,${PEOPLE}`;
const soon = () => startDeadline(3_000);

let directory: TestDirectory;
let opened: Directory;
let people: Provider;

beforeEach(async () => {
  directory = await startFixtureDirectory();
  const text = `${directory.url}/dc=domain,dc=org?uid?sub?(objectClass=inetOrgPerson)`;
  const settings = resolveLdap({ url: text, tls: "none" }, () => {});
  opened = openDirectory(settings.directory);
  people = prepareDirectoryProvider(opened, {
    name: "ldap",
    url: parseAuthLdapUrl(text),
    wanted: ["cn"],
    isAuthoritative: true,
    initialBind: undefined,
    looksAtAccount: true,
  });
});

afterEach(async () => {
  await opened.close();
  await directory.close();
});

const login = (username: string, password: string) =>
  people.authenticate({ username, password }, soon());
const binds = () =>
  directory.operations.filter(({ operation }) => operation === "bind").map(({ dn }) => dn);

describe("who has logged in before", () => {
  beforeEach(async () => {
    assert.equal((await login("alice", "alice-pw")).outcome, "granted");
    directory.clearOperations();
  });

  it("logs in with one search and one bind, in one round trip", async () => {
    directory.setLatency(60);
    const began = performance.now();
    assert.equal((await login("alice", "alice-pw")).outcome, "granted");
    const took = performance.now() - began;
    directory.setLatency(0);
    assert.deepEqual(binds(), [ALICE]);
    assert.equal(directory.operations.length, 2);
    assert(took < 110, `took ${took} ms where two round trips take 120`);
  });

  it("is refused with a wrong password, with one bind, and no sooner than anybody else", async () => {
    directory.setLatency(60);
    for (const name of ["bob", "carol", "dave"]) await login(name, `${name}-pw`);
    directory.clearOperations();
    const began = performance.now();
    const result = await login("alice", "wrong");
    const took = performance.now() - began;
    directory.setLatency(0);
    assert.equal(result.outcome, "denied");
    assert.deepEqual(binds(), [ALICE]);
    assert(took > 110, `took ${took} ms where two round trips take 120`);
  });

  it("is refused when the filter no longer matches, however right the password", async () => {
    directory.apply(`dn: ${ALICE}\nchangetype: delete\n`);
    directory.apply(
      `dn: ${ALICE}\nchangetype: add\nobjectClass: account\nuid: alice\nuserPassword: alice-pw\n`,
    );
    assert.equal((await login("alice", "alice-pw")).outcome, "unknown");
  });

  it("is refused when deleted, and unknown from then on", async () => {
    directory.apply(`dn: ${ALICE}\nchangetype: delete\n`);
    for (let n = 0; n < 2; n++) {
      assert.deepEqual(await login("alice", "alice-pw"), {
        outcome: "unknown",
        reason: "unknown-user",
      });
    }
  });

  it("logs in after their entry has moved, in a second round trip", async () => {
    directory.apply(
      `dn: ${ALICE}\nchangetype: moddn\nnewrdn: uid=alice\ndeleteoldrdn: 0\nnewsuperior: ou=web,dc=domain,dc=org\n`,
    );
    const result = await login("alice", "alice-pw");
    assert.equal(result.outcome, "granted");
    assert.equal(result.person.dn, "uid=alice,ou=web,dc=domain,dc=org");
    directory.clearOperations();
    assert.equal((await login("alice", "alice-pw")).outcome, "granted");
    assert.deepEqual(binds(), ["uid=alice,ou=web,dc=domain,dc=org"]);
  });

  it("is not let in by the password of who stands where they stood", async () => {
    directory.apply(
      `dn: ${ALICE}\nchangetype: moddn\nnewrdn: uid=alice\ndeleteoldrdn: 0\nnewsuperior: ou=web,dc=domain,dc=org\n`,
    );
    directory.apply(
      `dn: ${ALICE}\nchangetype: add\nobjectClass: account\nuid: mallory\nuserPassword: mallory-pw\n`,
    );
    assert.equal((await login("alice", "mallory-pw")).outcome, "denied");
    assert.equal((await login("alice", "alice-pw")).outcome, "granted");
  });

  it("needs the new password of an entry that took the place of theirs", async () => {
    directory.apply(`dn: ${ALICE}\nchangetype: delete\n`);
    directory.apply(
      `dn: ${ALICE}\nchangetype: add\nobjectClass: inetOrgPerson\nuid: alice\ncn: New\nsn: New\nuserPassword: new-pw\n`,
    );
    assert.equal((await login("alice", "alice-pw")).outcome, "denied");
    assert.equal((await login("alice", "new-pw")).outcome, "granted");
  });

  it("is ambiguous once two entries match", async () => {
    directory.apply(
      "dn: uid=alice,ou=web,dc=domain,dc=org\nchangetype: add\nobjectClass: inetOrgPerson\nuid: alice\ncn: A\nsn: A\nuserPassword: alice-pw\n",
    );
    assert.deepEqual(await login("alice", "alice-pw"), {
      outcome: "unknown",
      reason: "ambiguous-user",
    });
  });

  it("is let in by nothing while the search fails, though the bind succeeds", async () => {
    const takeAway = directory.addFault({ fault: "result", on: "search", resultCode: 80 });
    await assert.rejects(login("alice", "alice-pw"), { name: "DirectoryError" });
    takeAway();
    assert.equal((await login("alice", "alice-pw")).outcome, "granted");
  });

  it("is asked about once by what counts tries, under one name for good", async () => {
    const admitted: (string | undefined)[] = [];
    const admission = {
      admit: async (identity: string | undefined) => void admitted.push(identity),
    };
    const credentials = { username: "alice", password: "alice-pw" };
    await people.authenticate(credentials, soon(), admission);
    await people.authenticate({ ...credentials, username: "ALICE" }, soon(), admission);
    assert.equal(admitted.length, 2);
    assert.equal(new Set(admitted).size, 1);
    assert.notEqual(admitted[0], undefined);
  });

  it("causes no bind where it is not admitted", async () => {
    directory.clearOperations();
    const admission = { admit: () => Promise.reject(new Error("no")) };
    for (const username of ["alice", "bob"]) {
      const credentials = { username, password: "x" };
      await assert.rejects(people.authenticate(credentials, soon(), admission), /^Error: no$/);
    }
    assert.deepEqual(binds(), []);
  });
});
