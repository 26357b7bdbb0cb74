import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it, type TestContext } from "node:test";
import {
  type Admission,
  type Provider,
  TooManyTries,
} from "../../../src/authentication/provider.ts";
import type { Deadline } from "../../../src/directory/deadline.ts";
import {
  type AuthnzLdapOptions,
  authnzLdap,
  ConfigError,
  DirectoryError,
  otherDirectory,
  requireUser,
} from "../../../src/index.ts";
import { openPeople } from "../../../src/open-people.ts";
import { resolveLdap } from "../../../src/options/resolve-ldap.ts";
import type { TestDirectory } from "../../../src/testing/index.ts";
import type { RealmResult } from "../../../src/web/realm.ts";
import {
  madeOfTest,
  openStoredRealm,
  STORED_READER,
  type StoredRealm,
  startStoredPeople,
} from "../../support/stored-people.ts";

const RIGHT = {
  cram: madeOfTest("CRAM-MD5"),
  plain: "{PLAIN}test",
  ssha: madeOfTest("SSHA"),
  smd5: madeOfTest("SMD5"),
  md5crypt: madeOfTest("MD5-CRYPT"),
  sha512crypt: madeOfTest("SHA512-CRYPT"),
  blf: madeOfTest("BLF-CRYPT"),
  argon2: madeOfTest("ARGON2ID"),
  pbkdf2: madeOfTest("PBKDF2"),
} as const;

/** What can't be checked, and why. */
const UNUSABLE = {
  bare: ["test", "no-scheme"],
  nope: ["{NOPE}test", "unknown-scheme"],
  damaged: ["{SSHA}nobase64!", "malformed"],
  hexless: [RIGHT.cram.slice(0, -2), "malformed"],
  costly: [RIGHT.sha512crypt.replace("$6$", "$6$rounds=999999999$"), "too-expensive"],
  bomb: [
    "{SCRAM-SHA-256}1000000000,MDEyMzQ1Njc4OWFiY2RlZg==,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "too-expensive",
  ],
} as const;

const PEOPLE: Readonly<Record<string, readonly (string | Buffer)[]>> = {
  ...Object.fromEntries(Object.entries(RIGHT).map(([uid, value]) => [uid, [value]])),
  ...Object.fromEntries(Object.entries(UNUSABLE).map(([uid, [value]]) => [uid, [value]])),
  nopass: [],
  empty: ["{PLAIN}"],
  bytes: [Buffer.from("{PLAIN}t\xe9st", "latin1")],
  two: ["{PLAIN}first", "{PLAIN}second"],
  mixed: ["{NOPE}first", "{PLAIN}second"],
  many: Array.from({ length: 12 }, (_, n) => `{PLAIN}many${n}`),
};

describe("stored passwords", () => {
  let directory: TestDirectory;
  before(async () => {
    directory = await startStoredPeople(PEOPLE);
  });
  after(() => directory.close());
  beforeEach(() => directory.clearOperations());

  function open(test: TestContext, options: Partial<AuthnzLdapOptions> = {}): StoredRealm {
    const opened = openStoredRealm(directory, options);
    test.after(() => opened.close());
    return opened;
  }

  const login = (
    { realm }: StoredRealm,
    username: string,
    password: string,
    deadline?: Deadline,
    admission?: Admission,
  ) => realm.authenticate({ username, password }, deadline ?? realm.startDeadline(), admission);

  const reasonOf = (result: RealmResult) => (result.ok ? undefined : result.reason);

  const operations = (name: string) =>
    directory.operations.filter(({ operation }) => operation === name);

  for (const [uid, stored] of Object.entries(RIGHT)) {
    it(`let in by the password that ${stored.slice(0, 16)}… was made of, and by no other`, async (test) => {
      const opened = open(test, { cache: false });
      const result = await login(opened, uid, "test");
      assert(result.ok);
      assert.equal(result.person.dn, `uid=${uid},ou=stored,dc=example,dc=org`);
      assert.equal(result.person.username, uid);
      assert.equal(result.person.provider, "ldap");
      assert.deepEqual(result.person.attributes.mail, [`${uid}@example.org`]);
      const data = stored.slice(stored.indexOf("}") + 1);
      assert(!JSON.stringify(result).includes(JSON.stringify(data).slice(1, -1)));
      const wrong = ["Test", "test ", "testx", stored, ...(uid === "plain" ? [] : [data])];
      for (const password of wrong) {
        assert.equal(reasonOf(await login(opened, uid, password)), "wrong-password", password);
      }
      assert.deepEqual(opened.records, []);
    });
  }

  it("are read with the search for the name, as the service account, and nobody is bound", async (test) => {
    const opened = open(test);
    assert((await login(opened, "ssha", "test")).ok);
    assert.deepEqual(
      operations("bind").map(({ dn }) => dn),
      [STORED_READER.bindDn],
    );
    assert.equal(operations("search").length, 1);
  });

  it("are not read again for those who are signed in, nor to look somebody up", async (test) => {
    const opened = open(test);
    const { realm } = opened;
    const result = await login(opened, "ssha", "test");
    assert(result.ok);
    directory.clearOperations();
    assert.deepEqual(await realm.reread(result.person, realm.startDeadline()), {
      ok: true,
      person: result.person,
    });
    assert((await opened.lookUp("ssha", realm.startDeadline())) !== undefined);
    const asked = operations("search").flatMap(({ attributes = [] }) => attributes);
    assert(asked.length > 0);
    assert(!asked.some((name) => name.toLowerCase() === "userpassword"));
  });

  for (const [uid, [stored, reason]] of Object.entries(UNUSABLE)) {
    it(`let nobody in by ${stored.slice(0, 30)}, which is ${reason}, and is told once without the value`, async (test) => {
      const opened = open(test, { cache: false });
      for (const password of ["test", stored, "x", stored.replace(/^\{.*?\}/, "")]) {
        assert.equal(reasonOf(await login(opened, uid, password)), "unusable-password");
      }
      assert.equal(opened.records.length, 1);
      const [record] = opened.records;
      assert.equal(record?.event, "unusable-password");
      assert.deepEqual(record.details, {
        ...{ dn: `uid=${uid},ou=stored,dc=example,dc=org`, username: uid },
        ...{ reason, mechanism: "plain" },
      });
      assert(!JSON.stringify(record).includes(stored));
    });
  }

  it("let nobody in who has none, or whose value is no text", async (test) => {
    const opened = open(test, { cache: false });
    assert.equal(reasonOf(await login(opened, "nopass", "x")), "unusable-password");
    assert.equal(opened.records[0]?.details?.reason, "no-value");
    for (const password of ["t\xe9st", "t\ufffdst", "x"]) {
      assert.equal(reasonOf(await login(opened, "bytes", password)), "unusable-password");
    }
  });

  it("let nobody in where the service account may not read them", async (test) => {
    const opened = openStoredRealm(directory, {}, {});
    test.after(() => opened.close());
    for (const uid of Object.keys(RIGHT)) {
      assert.equal(reasonOf(await login(opened, uid, "test")), "unusable-password");
    }
  });

  it("let nobody in by an empty password, and nothing is asked for it", async (test) => {
    const opened = open(test);
    for (const uid of ["empty", "nopass", "plain"]) {
      assert.equal(reasonOf(await login(opened, uid, "")), "unacceptable-credentials");
    }
    assert.deepEqual(directory.operations, []);
    assert.equal(reasonOf(await login(opened, "empty", "x")), "wrong-password");
  });

  it("know nobody of an unknown name, whatever is in it", async (test) => {
    const opened = open(test);
    for (const name of ["nobody", "*", "pl*", "plain)(uid=*", "ssha)(|(uid=*", "\\2a"]) {
      assert.equal(reasonOf(await login(opened, name, "test")), "unknown-user", name);
    }
  });

  it("count only as far as the first value, as in Dovecot, which is told once", async (test) => {
    const opened = open(test, { cache: false });
    assert((await login(opened, "two", "first")).ok);
    assert.equal(reasonOf(await login(opened, "two", "second")), "wrong-password");
    assert.equal(reasonOf(await login(opened, "mixed", "second")), "unusable-password");
    const [told, ...others] = opened.records.filter(({ event }) => event === "several-passwords");
    assert.equal(told?.level, "warn");
    assert.equal(told.details?.ignored, 1);
    assert.equal(others.length, 1);
    assert(!JSON.stringify(opened.records).includes("second"));
  });

  it("count all with allValues, up to eight", async (test) => {
    const opened = open(test, { passwords: { allValues: true }, cache: false });
    assert((await login(opened, "two", "first")).ok);
    assert((await login(opened, "two", "second")).ok);
    assert((await login(opened, "mixed", "second")).ok);
    assert.equal(reasonOf(await login(opened, "mixed", "first")), "wrong-password");
    assert.equal(reasonOf(await login(opened, "two", "third")), "wrong-password");
    assert.equal(opened.records.length, 0);
    let right = 0;
    for (let n = 0; n < 12; n++) if ((await login(opened, "many", `many${n}`)).ok) right++;
    assert.equal(right, 8);
    assert.equal(opened.records[0]?.details?.ignored, 4);
  });

  it("may be in another attribute, and without a scheme", async (test) => {
    const opened = open(test, { passwords: { attribute: "CN", defaultScheme: "plain" } });
    assert((await login(opened, "plain", "plain")).ok);
    assert.equal(reasonOf(await login(opened, "plain", "test")), "wrong-password");
  });

  it("are read as the default scheme says only where they have none", async (test) => {
    const opened = open(test, { passwords: { defaultScheme: "PLAIN" }, cache: false });
    assert((await login(opened, "bare", "test")).ok);
    assert((await login(opened, "ssha", "test")).ok);
    assert.equal(reasonOf(await login(opened, "ssha", RIGHT.ssha)), "wrong-password");
    assert.equal(reasonOf(await login(opened, "nope", "{NOPE}test")), "unusable-password");
  });

  it("may not be among what is shown of somebody", () => {
    for (const url of ["?uid,userPassword?sub", "?uid,USERPASSWORD;x-a?sub", "?userPassword?sub"]) {
      assert.throws(
        () => openStoredRealm(directory, { url: `${directory.url}/dc=example,dc=org${url}` }),
        (error) => error instanceof ConfigError && error.option === "passwords.attribute",
      );
    }
    const levels = { attribute: "userPassword", pattern: /^(\d)$/ };
    assert.throws(() => openStoredRealm(directory, { levels } as object), ConfigError);
    const shown = `${directory.url}/dc=example,dc=org?uid,userPassword?sub`;
    const others = [
      otherDirectory({ url: `${directory.url}/dc=example,dc=org?uid`, passwords: "stored" }),
    ];
    assert.throws(
      () => openStoredRealm(directory, { url: shown, passwords: "bind", otherProviders: others }),
      ConfigError,
    );
  });

  it("are in no explanation", async () => {
    const { url } = directory;
    const ldap = authnzLdap({
      ...{ url: `${url}/ou=stored,dc=example,dc=org?uid`, ...STORED_READER },
      ...{ passwords: "stored", log: () => {} },
    });
    try {
      assert((await ldap.authenticate({ username: "plain", password: "test" })).ok);
      const decision = await ldap.explain({ username: "plain", rule: requireUser("plain") });
      assert.equal(decision.outcome, "granted");
      assert(!JSON.stringify([decision, ldap.health(), ldap.metrics()]).includes("{PLAIN}"));
    } finally {
      await ldap.close();
    }
  });
});

describe("a check of a stored password", () => {
  let directory: TestDirectory;
  before(async () => {
    directory = await startStoredPeople({
      ...PEOPLE,
      gone: ["{PLAIN}test"],
      expired: ["{PLAIN}test"],
    });
    directory.apply(`dn: uid=expired,ou=stored,dc=example,dc=org
changetype: modify
add: objectClass
objectClass: posixAccount
objectClass: shadowAccount
-
add: uidNumber
uidNumber: 1
-
add: gidNumber
gidNumber: 1
-
add: homeDirectory
homeDirectory: /
-
add: shadowExpire
shadowExpire: 1
`);
  });
  after(() => directory.close());

  function open(test: TestContext, options: Partial<AuthnzLdapOptions> = {}): StoredRealm {
    const opened = openStoredRealm(directory, { cache: false, ...options });
    test.after(() => opened.close());
    return opened;
  }

  function openStoredProvider(test: TestContext): Provider {
    const options = { url: `${directory.url}/ou=stored,dc=example,dc=org?uid`, ...STORED_READER };
    const settings = resolveLdap({ ...options, passwords: "stored" }, () => {});
    const people = openPeople(settings);
    test.after(() => people.directory.close());
    return people.provider("ldap");
  }

  it("is asked for before it is made, by person", async (test) => {
    const { realm } = open(test);
    const admitted: (string | undefined)[] = [];
    const admission: Admission = { admit: async (identity) => void admitted.push(identity) };
    for (const username of ["ssha", "nopass", "nobody"]) {
      await realm.authenticate({ username, password: "x" }, realm.startDeadline(), admission);
    }
    const [first, ssha, second, nopass, third, ...rest] = admitted;
    assert.deepEqual([first, second, third, rest], [undefined, undefined, undefined, []]);
    assert(ssha?.startsWith("ldap ") && nopass?.startsWith("ldap ") && ssha !== nopass);
  });

  it("is not made where too many were wrong", async (test) => {
    const { realm, records } = open(test);
    const admission: Admission = {
      async admit(identity) {
        if (identity !== undefined) throw new TooManyTries(60);
      },
    };
    for (const [username, password] of [
      ["ssha", "test"],
      ["nope", "x"],
    ] as const) {
      await assert.rejects(
        realm.authenticate({ username, password }, realm.startDeadline(), admission),
        TooManyTries,
      );
    }
    assert.deepEqual(records, []);
  });

  it("that could not be made in time is neither yes nor no", async (test) => {
    const provider = openStoredProvider(test);
    let isChecking = false;
    const deadline: Deadline = { remaining: () => (isChecking ? 0 : 2_000) };
    const admission: Admission = {
      async admit(identity) {
        isChecking = identity !== undefined;
      },
    };
    for (const username of ["blf", "argon2", "sha512crypt"]) {
      isChecking = false;
      await assert.rejects(
        provider.authenticate({ username, password: "test" }, deadline, admission),
        (error) => error instanceof DirectoryError && error.code === "busy",
      );
    }
  });

  it("is not made without the directory", async (test) => {
    const { realm } = open(test, { url: "ldap://127.0.0.1:9/dc=example?uid" });
    await assert.rejects(
      realm.authenticate({ username: "ssha", password: "test" }, realm.startDeadline()),
      DirectoryError,
    );
  });

  it("tells of an account's state to who has the right password only", async (test) => {
    const { realm } = open(test);
    const login = (password: string) =>
      realm.authenticate({ username: "expired", password }, realm.startDeadline());
    const right = await login("test");
    assert(!right.ok);
    assert.deepEqual([right.reason, right.state], ["account-expired", "account-expired"]);
    const wrong = await login("wrong");
    assert(!wrong.ok);
    assert.deepEqual([wrong.reason, wrong.state], ["wrong-password", undefined]);
    const careless = open(test, { accountState: false }).realm;
    const credentials = { username: "expired", password: "test" };
    assert((await careless.authenticate(credentials, careless.startDeadline())).ok);
  });

  it("leaves an entry that is gone signed out", async (test) => {
    const { realm } = open(test);
    const credentials = { username: "gone", password: "test" };
    const result = await realm.authenticate(credentials, realm.startDeadline());
    assert(result.ok);
    directory.apply("dn: uid=gone,ou=stored,dc=example,dc=org\nchangetype: delete\n");
    const again = await realm.reread(result.person, realm.startDeadline());
    assert.deepEqual(again, { ok: false, reason: "gone" });
    assert(!(await realm.authenticate(credentials, realm.startDeadline())).ok);
  });

  it("is made for people of another directory too, and where the first one does not decide", async (test) => {
    const url = `${directory.url}/ou=stored,dc=example,dc=org?uid`;
    const other = otherDirectory({ url, ...STORED_READER, passwords: "stored" });
    const none = `${directory.url}/cn=reader,dc=example,dc=org?uid`;
    const second = open(test, { url: none, passwords: "bind", otherProviders: [other] }).realm;
    const result = await second.authenticate(
      { username: "ssha", password: "test" },
      second.startDeadline(),
    );
    assert(result.ok);
    assert.equal(result.person.provider, "other");

    // slapd's own check of what the first can't.
    const bind = otherDirectory({ url, name: "bind" });
    for (const bindAuthoritative of [true, false]) {
      const { realm } = open(test, {
        bindAuthoritative,
        otherProviders: [bind],
        passwords: { attribute: "cn" },
      });
      const answer = await realm.authenticate(
        { username: "ssha", password: "test" },
        realm.startDeadline(),
      );
      assert.equal(answer.ok, !bindAuthoritative);
      if (answer.ok) assert.equal(answer.person.provider, "bind");
      else assert.equal(answer.reason, "unusable-password");
    }
  });

  it("is remembered with what was found, a password that can't be checked included", async (test) => {
    const { realm } = open(test, { cache: {} });
    for (const [username, password] of [
      ["ssha", "test"],
      ["ssha", "wrong"],
      ["nopass", "x"],
      ["nobody", "x"],
    ] as const) {
      const result = await realm.authenticate({ username, password }, realm.startDeadline());
      const { remembered, ...recalled } = realm.recall?.({ username, password }) ?? {};
      assert.equal(remembered, true);
      assert.equal((recalled as RealmResult).ok, result.ok);
    }
  });
});
