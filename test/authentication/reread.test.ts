import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { Person } from "../../src/authentication/person.ts";
import type { RereadResult } from "../../src/authentication/provider.ts";
import { prepareReread } from "../../src/authentication/reread.ts";
import { startDeadline } from "../../src/directory/deadline.ts";
import type { Directory } from "../../src/directory/directory.ts";
import { openDirectory } from "../../src/directory/open-directory.ts";
import { parseAuthLdapUrl } from "../../src/ldap/parse-auth-ldap-url.ts";
import { resolveLdap } from "../../src/options/resolve-ldap.ts";
import type { TestDirectory } from "../../src/testing/index.ts";
import { startFixtureDirectory } from "../support/fixture-directory.ts";

const WEB = "ou=web,dc=domain,dc=org";
const WEB1 = `uid=web1,${WEB}`;
const soon = () => startDeadline(3_000);

let directory: TestDirectory;
let opened: Directory;
let person: Person;
let rest: string;

beforeEach(async () => {
  directory = await startFixtureDirectory();
  rest = `${WEB}?uid,MyWebAccess?sub?(WebAccess=MyWebApp_Level_*)`;
  const settings = resolveLdap({ url: `${directory.url}/${rest}`, tls: "none" }, () => {});
  opened = openDirectory(settings.directory);
  const id = String(directory.entry(WEB1)?.attributes.get("entryuuid")?.[0]);
  person = { dn: WEB1, username: "web1", id, provider: "ldap", attributes: {} };
  directory.clearOperations();
});

afterEach(async () => {
  await opened.close();
  await directory.close();
});

function reread(who: Person = person, looksAtAccount = true): Promise<RereadResult> {
  const url = parseAuthLdapUrl(`${directory.url}/${rest}`);
  const settings = { url, wanted: ["MyWebAccess"], looksAtAccount };
  return prepareReread(opened, settings)(who, soon());
}

const searches = () => directory.operations.filter(({ operation }) => operation === "search");
const modify = (change: string) =>
  directory.apply(`dn: ${WEB1}\nchangetype: modify\n${change}\n-\n`);
const move = (to: string, name = "web1") =>
  directory.apply(
    `dn: ${WEB1}\nchangetype: moddn\nnewrdn: uid=${name}\ndeleteoldrdn: 1\nnewsuperior: ${to}\n`,
  );

describe("somebody who is read again", () => {
  it("is the same person with what their entry says now, in one search", async () => {
    modify("replace: MyWebAccess\nMyWebAccess: MyWebApp_Level_3");
    const result = await reread();
    assert(result.ok);
    assert.deepEqual(result.person, {
      ...person,
      attributes: { mywebaccess: ["MyWebApp_Level_3"] },
    });
    assert.equal(searches().length, 1);
  });

  it("is gone once the entry is deleted", async () => {
    directory.apply(`dn: ${WEB1}\nchangetype: delete\n`);
    assert.deepEqual(await reread(), { ok: false, reason: "gone" });
  });

  it("is no match once the filter does not fit", async () => {
    modify("delete: WebAccess");
    assert.deepEqual(await reread(), { ok: false, reason: "no-match" });
  });

  it("is found where the entry has been moved to, under the name it has there", async () => {
    move(`ou=sub,${WEB}`, "web1b");
    const result = await reread();
    assert(result.ok);
    assert.equal(result.person.dn, `uid=web1b,ou=sub,${WEB}`);
    assert.equal(result.person.username, "web1b");
    assert.equal(result.person.id, person.id);
    assert.equal(searches().length, 2);
  });

  it("is not found where the URL does not look, nor where the filter does not fit", async () => {
    move("ou=People,dc=domain,dc=org");
    assert.deepEqual(await reread(), { ok: false, reason: "gone" });
  });

  it("is not whoever stands in their place, but themselves elsewhere", async () => {
    move(WEB, "web1-old");
    const taker =
      "objectClass: inetOrgPerson\nuid: web1\ncn: N\nsn: N\nWebAccess: MyWebApp_Level_1\n";
    directory.apply(`dn: ${WEB1}\nchangetype: add\n${taker}`);
    const result = await reread();
    assert(result.ok);
    assert.equal(result.person.dn, `uid=web1-old,${WEB}`);
    directory.apply(`dn: uid=web1-old,${WEB}\nchangetype: delete\n`);
    assert.deepEqual(await reread(), { ok: false, reason: "replaced" });
  });

  it("without an id is looked for where they stood only", async () => {
    const { id: _, ...nameless } = person;
    move(WEB, "web1b");
    assert.deepEqual(await reread(nameless), { ok: false, reason: "gone" });
    assert.equal(searches().length, 1);
  });

  for (const [attribute, value, reason] of [
    ["nsAccountLock", "TRUE", "account-disabled"],
    ["pwdAccountLockedTime", "000001010000Z", "account-disabled"],
    ["userAccountControl", "514", "account-disabled"],
    ["accountExpires", "116444736000000001", "account-expired"],
    ["shadowExpire", "1", "account-expired"],
  ] as const) {
    it(`is out with ${attribute} ${value}, and only where accounts are looked at`, async () => {
      modify(`add: ${attribute}\n${attribute}: ${value}`);
      assert.deepEqual(await reread(), { ok: false, reason });
      assert.equal((await reread(person, false)).ok, true);
    });
  }

  it("stays while others' wrong passwords have locked the account for a while", async () => {
    modify("add: pwdAccountLockedTime\npwdAccountLockedTime: 20261122120000Z");
    assert.equal((await reread()).ok, true);
  });

  for (const resultCode of [1, 3, 4, 8, 10, 11, 50, 51, 52, 53, 80]) {
    it(`is neither there nor gone where the directory answers ${resultCode}`, async () => {
      directory.addFault({ fault: "result", on: "search", resultCode });
      await assert.rejects(reread(), { name: "DirectoryError" });
    });
  }

  it("is neither there nor gone where the second search fails", async () => {
    directory.apply(`dn: ${WEB1}\nchangetype: delete\n`);
    directory.addFault({ fault: "result", on: "search", dn: WEB, resultCode: 80 });
    await assert.rejects(reread(), { name: "DirectoryError" });
  });
});
