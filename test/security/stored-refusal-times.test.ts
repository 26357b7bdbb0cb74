import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { TestDirectory } from "../../src/testing/index.ts";
import { measureRefusals, toldApart } from "../support/refusal-times.ts";
import { scramStored } from "../support/scram-client.ts";
import {
  madeOfTest,
  openStoredRealm,
  proveByCramMd5,
  proveByScram,
  type StoredRealm,
  startStoredPeople,
} from "../support/stored-people.ts";

/** Of these one without a difference is enough: what is really different is so each time. */
const ATTEMPTS = 5;
const TRIES = 40;

/** Somebody with a password of this scheme, one who has signed in before, and others whose passwords can't be checked. */
function peopleOf(stored: string) {
  return {
    known: [stored],
    other: [stored],
    nopass: [],
    unknownscheme: ["{NOPE}test"],
    damaged: ["{SSHA}damaged"],
    costly: [madeOfTest("SHA512-CRYPT").replace("$6$", "$6$rounds=999999999$")],
  };
}

const NAMES = ["other", "nobody", "nopass", "unknownscheme", "damaged", "costly"] as const;

type Refuse = (
  realm: StoredRealm["realm"],
  username: string,
  password: string,
) => Promise<{ readonly ok: boolean }>;

const byPassword: Refuse = (realm, username, password) =>
  realm.authenticate({ username, password }, realm.startDeadline());

const WAYS: readonly (readonly [way: string, scheme: string, stored: string, Refuse])[] = [
  ["a password", "SSHA", madeOfTest("SSHA"), byPassword],
  ["a password", "BLF-CRYPT", madeOfTest("BLF-CRYPT"), byPassword],
  ["a password", "SHA512-CRYPT", madeOfTest("SHA512-CRYPT"), byPassword],
  ["CRAM-MD5", "CRAM-MD5", madeOfTest("CRAM-MD5"), proveByCramMd5],
  ["SCRAM-SHA-256", "PLAIN", "{PLAIN}test", proveByScram],
  [
    "SCRAM-SHA-256",
    "SCRAM-SHA-256",
    scramStored("test", Buffer.from("0123456789abcdef"), 4_096),
    proveByScram,
  ],
];

for (const [way, scheme, stored, refuse] of WAYS) {
  describe(`refusals of ${way}, checked here against {${scheme}}`, () => {
    let directory: TestDirectory;
    let opened: StoredRealm;
    before(async () => {
      directory = await startStoredPeople(peopleOf(stored));
      opened = openStoredRealm(directory, {
        mechanisms: ["plain", "cram-md5", "scram-sha-256"],
        cache: false,
      });
      // A process that has not checked any password yet does not know how long that takes.
      assert.equal((await refuse(opened.realm, "known", "test")).ok, true);
    });
    after(async () => {
      await opened.close();
      await directory.close();
    });

    it("take as long whatever their reason is", async () => {
      const kinds = Object.fromEntries(
        NAMES.map((name) => [name, (n: number) => refuse(opened.realm, name, `wrong${n}`)]),
      );
      const told: string[] = [];
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const differences = toldApart(await measureRefusals(kinds, TRIES, 10), ["median"]);
        if (differences.length === 0) return;
        told.push(...differences);
      }
      assert.fail(told.join("\n"));
    });
  });
}
