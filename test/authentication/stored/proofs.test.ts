import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it, type TestContext } from "node:test";
import {
  readClientFinal,
  readClientFirst,
} from "../../../src/authentication/mechanisms/scram-messages.ts";
import {
  makeServerFirst,
  scramProof,
} from "../../../src/authentication/mechanisms/scram-sha-256.ts";
import { type Admission, TooManyTries } from "../../../src/authentication/provider.ts";
import { type AuthnzLdapOptions, authnzLdap, DirectoryError } from "../../../src/index.ts";
import type { TestDirectory } from "../../../src/testing/index.ts";
import type { Realm, RealmResult } from "../../../src/web/realm.ts";
import { scramClientFinal, scramStored } from "../../support/scram-client.ts";
import {
  madeOfTest,
  openStoredRealm,
  proveByCramMd5,
  proveByScram,
  STORED_READER,
  type StoredRealm,
  startStoredPeople,
} from "../../support/stored-people.ts";

const SALT = Buffer.from("0123456789abcdef");
const SECRET = "a secret of the tests, of more than 32 letters";

const PEOPLE = {
  cram: [madeOfTest("CRAM-MD5")],
  plain: ["{PLAIN}test"],
  bare: ["test"],
  ssha: [madeOfTest("SSHA")],
  scram: [scramStored("test", SALT, 5_000)],
  bomb: [scramStored("test", SALT, 4_096).replace("4096", "1000000000")],
  nopass: [],
  empty: ["{PLAIN}"],
  both: [madeOfTest("CRAM-MD5"), scramStored("test", SALT, 4_096)],
  "a=b, c": ["{PLAIN}test"],
} as const;

const FITS = { ok: true } as const;

const ALL = ["plain", "cram-md5", "scram-sha-256"] as const;

const isSearch = ({ operation }: { readonly operation: string }) => operation === "search";
const reasonOf = (result: RealmResult) => (result.ok ? undefined : result.reason);

describe("a proof", () => {
  let directory: TestDirectory;
  before(async () => {
    directory = await startStoredPeople(PEOPLE);
  });
  after(() => directory.close());
  beforeEach(() => directory.clearOperations());

  function open(test: TestContext, options: Partial<AuthnzLdapOptions> = {}): StoredRealm {
    const opened = openStoredRealm(directory, { mechanisms: ALL, ...options });
    test.after(() => opened.close());
    return opened;
  }

  const WAYS = [
    [
      "CRAM-MD5",
      proveByCramMd5,
      ["cram", "plain", "both"],
      ["ssha", "scram", "bomb", "nopass", "bare"],
    ],
    [
      "SCRAM-SHA-256",
      proveByScram,
      ["scram", "plain", "a=b, c"],
      ["ssha", "cram", "bomb", "nopass", "bare", "both"],
    ],
  ] as const;
  for (const [name, prove, usable, unusable] of WAYS) {
    it(`by ${name} lets in who knows the password, and nobody is bound`, async (test) => {
      const { realm, records } = open(test);
      for (const username of usable) {
        const result = await prove(realm, username, "test");
        assert(result.ok, username);
        assert.equal(result.person.username, username);
        assert.equal(result.person.provider, "ldap");
        if ("serverIsKnown" in result) assert.equal(result.serverIsKnown, true);
        assert.equal(reasonOf(await prove(realm, username, "Test")), "wrong-password", username);
      }
      const bound = directory.operations.filter(({ operation }) => operation === "bind");
      assert.deepEqual([...new Set(bound.map(({ dn }) => dn))], [STORED_READER.bindDn]);
      assert.deepEqual(
        records.filter(({ event }) => event !== "several-passwords"),
        [],
      );
    });

    it(`by ${name} can't be told of other schemes, which is logged once without the value`, async (test) => {
      const { realm, records } = open(test);
      for (const username of unusable) {
        for (let n = 0; n < 2; n++) {
          const result = await prove(realm, username, "test");
          assert(!result.ok);
          // Of the bomb a client is told nothing that it could compute with.
          assert.equal(result.reason, "unusable-password", username);
        }
      }
      const told = records.filter(({ event }) => event === "unusable-password");
      assert.deepEqual(
        told.map(({ details }) => details?.username),
        unusable,
      );
      for (const { details } of told) assert.equal(details?.mechanism, name.toLowerCase());
      for (const values of Object.values(PEOPLE)) {
        for (const value of values)
          assert(!JSON.stringify(told).includes(value.slice(8)) || value.length < 12);
      }
    });

    it(`by ${name} lets nobody in who does not exist, nor by an empty password`, async (test) => {
      const { realm } = open(test);
      assert.equal(reasonOf(await prove(realm, "nobody", "test")), "unknown-user");
      assert.equal(reasonOf(await prove(realm, "*", "test")), "unknown-user");
      assert.equal((await prove(realm, "empty", "")).ok, false);
      assert.equal((await prove(realm, "nopass", "")).ok, false);
    });

    it(`by ${name} goes with the default scheme`, async (test) => {
      const { realm } = open(test, { passwords: { defaultScheme: "PLAIN" } });
      assert((await prove(realm, "bare", "test")).ok);
    });

    it(`by ${name} counts for all values where all count`, async (test) => {
      const { realm } = open(test, { passwords: { allValues: true } });
      assert((await prove(realm, "both", "test")).ok);
      assert.equal(reasonOf(await prove(realm, "both", "x")), "wrong-password");
    });

    it(`by ${name} is neither right nor wrong without the directory`, async (test) => {
      const { realm } = open(test, { url: "ldap://127.0.0.1:9/dc=example?uid" });
      await assert.rejects(prove(realm, "plain", "test"), DirectoryError);
    });

    it(`by ${name} is counted by person, and not looked at where too many were wrong`, async (test) => {
      const { realm } = open(test);
      const admitted: (string | undefined)[] = [];
      const counting: Admission = { admit: async (identity) => void admitted.push(identity) };
      assert((await prove(admittedBy(realm, counting), "plain", "test")).ok);
      assert.equal(admitted.length, 2);
      assert.equal(admitted[0], undefined);
      assert(admitted[1]?.startsWith("ldap "));
      const full: Admission = {
        admit: async (identity) => {
          if (identity !== undefined) throw new TooManyTries(1);
        },
      };
      await assert.rejects(prove(admittedBy(realm, full), "plain", "test"), TooManyTries);
    });

    it(`by ${name} is not remembered`, async (test) => {
      const { realm } = open(test);
      assert((await prove(realm, "plain", "test")).ok);
      assert.equal(realm.recall?.({ username: "plain", password: "test" }), undefined);
    });
  }

  /** The same realm, whose proofs are counted by this one. */
  function admittedBy(realm: Realm, admission: Admission): Realm {
    const { prove } = realm;
    assert(prove);
    return { ...realm, prove: (proof, deadline) => prove(proof, deadline, admission) };
  }

  it("is looked at only of a mechanism that is offered", async (test) => {
    const cramOnly = open(test, { mechanisms: ["cram-md5"] }).realm;
    const scramOnly = open(test, { mechanisms: ["plain", "scram-sha-256"] }).realm;
    assert.equal(cramOnly.scramSalt, undefined);
    assert.equal(
      reasonOf(await proveByCramMd5(scramOnly, "plain", "test")),
      "unacceptable-credentials",
    );
    const borrowed: Realm = {
      ...cramOnly,
      ...(scramOnly.scramSalt ? { scramSalt: scramOnly.scramSalt } : {}),
    };
    assert.equal(
      reasonOf(await proveByScram(borrowed, "plain", "test")),
      "unacceptable-credentials",
    );
    const plainOnly = open(test, { mechanisms: ["plain"] }).realm;
    assert.equal(plainOnly.prove, undefined);
    assert.equal(plainOnly.scramSalt, undefined);
  });

  it("is the only way in where plain passwords are not accepted, but for the application itself", async (test) => {
    const mechanisms = ["cram-md5", "scram-sha-256"] as const;
    const { realm } = open(test, { mechanisms });
    const credentials = { username: "plain", password: "test" };
    assert.deepEqual(await realm.authenticate(credentials, realm.startDeadline()), {
      ok: false,
      reason: "unacceptable-credentials",
    });
    assert.equal(realm.recall, undefined);
    assert.deepEqual(directory.operations, []);
    const url = `${directory.url}/ou=stored,dc=example,dc=org?uid`;
    const ldap = authnzLdap({
      url,
      ...STORED_READER,
      passwords: "stored",
      mechanisms,
      log: () => {},
    });
    test.after(() => ldap.close());
    assert((await ldap.authenticate(credentials)).ok);
  });

  it("of a name that can't be looked up asks nobody", async (test) => {
    const { realm } = open(test);
    for (const username of ["a\0b", "x".repeat(1_025)]) {
      const proof = { mechanism: "cram-md5", username, check: async () => FITS } as const;
      const result = await realm.prove?.(proof, realm.startDeadline());
      assert.deepEqual(result, { ok: false, reason: "unacceptable-credentials" });
    }
    assert.deepEqual(directory.operations, []);
  });

  it("by SCRAM of a person is none of another one's, although both have the password and the salt", async (test) => {
    const { realm } = open(test);
    const first = "n,,n=scram,r=abc";
    const clientFirst = readClientFirst(first);
    assert(clientFirst && realm.scramSalt && realm.prove);
    const salt = await realm.scramSalt("scram", realm.startDeadline());
    const exchange = makeServerFirst(clientFirst, salt);
    const final = readClientFinal(scramClientFinal(first, exchange.serverFirst, "test").message);
    assert(final);
    const others = scramProof(
      { ...exchange, username: "plain", clientFirstBare: "n=plain,r=abc" },
      final,
    );
    assert.equal(
      reasonOf(await realm.prove(others.proof, realm.startDeadline())),
      "wrong-password",
    );
    assert.equal(others.serverFinal(), undefined);
    const own = scramProof(exchange, final);
    assert((await realm.prove(own.proof, realm.startDeadline())).ok);
  });
});

describe("the salt of SCRAM", () => {
  let directory: TestDirectory;
  before(async () => {
    directory = await startStoredPeople(PEOPLE);
  });
  after(() => directory.close());
  beforeEach(() => directory.clearOperations());

  function open(test: TestContext, options: Partial<AuthnzLdapOptions> = {}) {
    const opened = openStoredRealm(directory, {
      mechanisms: ["scram-sha-256"],
      scramSecret: SECRET,
      ...options,
    });
    test.after(() => opened.close());
    const { realm } = opened;
    return async (username: string) => {
      assert(realm.scramSalt);
      const { salt, iterations } = await realm.scramSalt(username, realm.startDeadline());
      return `${iterations} ${salt.toString("hex")}`;
    };
  }

  it("is the stored one, by all of a person's names", async (test) => {
    const saltOf = open(test);
    for (const name of ["scram", "SCRAM", "scram "]) {
      assert.equal(await saltOf(name), `5000 ${SALT.toString("hex")}`);
    }
    const all = open(test, { passwords: { allValues: true } });
    assert.equal(await all("both"), `4096 ${SALT.toString("hex")}`);
  });

  it("is somebody's by spellings that the directory tells from theirs, as a made-up one is the same by them", async (test) => {
    const saltOf = open(test);
    for (const name of ["scram", "nobody", "ssha"]) {
      const salt = await saltOf(name);
      for (const spelled of [`${name.slice(0, 2)}\u{ad}${name.slice(2)}`, `${name}\u{301}`]) {
        assert.equal(await saltOf(spelled), salt, spelled);
        assert.equal(await saltOf(spelled.toUpperCase()), salt, spelled);
      }
    }
  });

  it("of everybody else is made up, the same at each ask, in each process and for each spelling", async (test) => {
    const [here, there] = [open(test), open(test)];
    const salts = new Set<string>();
    for (const name of ["nobody", "plain", "ssha", "nopass", "both", "bomb", "*"]) {
      const salt = await here(name);
      assert.match(salt, /^4096 [0-9a-f]{32}$/);
      for (const spelled of [name, name.toUpperCase(), ` ${name} `]) {
        assert.equal(await here(spelled), salt, spelled);
        assert.equal(await there(spelled), salt, spelled);
      }
      salts.add(salt);
    }
    assert.equal(salts.size, 7);
    const elsewhere = open(test, { scramSecret: `another ${SECRET}` });
    assert.notEqual(await elsewhere("nobody"), await here("nobody"));
  });

  it("of everybody else is as long, and as expensive, as that of most people who were seen", async (test) => {
    const saltOf = open(test, { passwords: { allValues: true } });
    assert.match(await saltOf("nobody"), /^4096 [0-9a-f]{32}$/);
    await saltOf("scram");
    const made = await saltOf("nobody");
    assert.match(made, /^5000 [0-9a-f]{32}$/);
    // One against one, and one of them twice: what was usual stays so.
    for (const name of ["both", "both", "scram"]) await saltOf(name);
    assert.equal(await saltOf("nobody"), made);
    assert.match(await saltOf(`x${"y".repeat(5_000)}`), /^5000 /);
  });

  it("is random in each process without a secret, and still the same at each ask", async (test) => {
    const [here, there] = [openWithout(test), openWithout(test)];
    assert.equal(await here("nobody"), await here("Nobody"));
    assert.notEqual(await here("nobody"), await there("nobody"));
  });

  function openWithout(test: TestContext) {
    const { realm, close } = openStoredRealm(directory, { mechanisms: ["scram-sha-256"] });
    test.after(close);
    return async (username: string) => {
      const salt = await realm.scramSalt?.(username, realm.startDeadline());
      return salt?.salt.toString("hex");
    };
  }

  it("takes as many searches whoever is asked about, and none for what is no name", async (test) => {
    const saltOf = open(test);
    for (const name of ["scram", "plain", "nopass", "nobody"]) {
      directory.clearOperations();
      await saltOf(name);
      assert.equal(directory.operations.filter(isSearch).length, 1, name);
    }
    for (const name of ["SCRAM", "scr\u{ad}am", "NOBODY", "nobo\u{ad}dy"]) {
      directory.clearOperations();
      await saltOf(name);
      assert.equal(directory.operations.filter(isSearch).length, 2, name);
    }
    directory.clearOperations();
    assert.match(await saltOf("a\0b"), /^5000 /);
    assert.deepEqual(directory.operations, []);
  });

  it("is nobody's without the directory, known or not", async (test) => {
    const saltOf = open(test, { url: "ldap://127.0.0.1:9/dc=example?uid" });
    for (const name of ["scram", "nobody"]) await assert.rejects(saltOf(name), DirectoryError);
  });
});
