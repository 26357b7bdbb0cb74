import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { SearchQuery } from "../../src/directory/directory.ts";
import type { DereferenceAliases } from "../../src/directory/directory-settings.ts";
import { bothDirectories, type RunningDirectory } from "../support/real-and-built-in.ts";
import { openedDirectory, soon } from "./opened-directory.ts";

const ROOT = "dc=domain,dc=org";
const TESTUSER2 = `uid=testuser2,ou=People,${ROOT}`;
const SAM = `uid=sam,ou=Staff,${ROOT}`;
/** An alias of testuser2 in it; below the base. */
const BELOW = { base: `ou=Aliases,${ROOT}`, uid: "testuser2" };
/** Itself an alias of ou=Staff, where sam is. */
const BASE = { base: `ou=al-Staff,${ROOT}`, uid: "sam" };

const query = ({ base, uid }: typeof BELOW): SearchQuery => ({
  base,
  scope: "sub",
  filter: { type: "equal", attribute: "uid", value: Buffer.from(uid) },
  attributes: ["uid"],
  limit: 2,
});

const EXPECTED: readonly [DereferenceAliases | undefined, string[], string[]][] = [
  [undefined, [], []],
  ["never", [], []],
  ["searching", [TESTUSER2], []],
  ["finding", [], [SAM]],
  ["always", [TESTUSER2], [SAM]],
];

for (const { name, skip, start } of bothDirectories) {
  describe(`aliases on ${name}`, { skip }, () => {
    let server: RunningDirectory;
    before(async () => {
      server = await start();
    });
    after(() => server.close());

    for (const [dereferenceAliases, below, base] of EXPECTED) {
      it(`are followed as told: ${dereferenceAliases}`, async () => {
        const settings = dereferenceAliases && { dereferenceAliases };
        const { directory } = openedDirectory([server.port], settings);
        const dns = async (place: typeof BELOW) =>
          (await directory.search(query(place), soon())).map(({ dn }) => dn);
        assert.deepEqual([await dns(BELOW), await dns(BASE)], [below, base]);
      });
    }

    it("are followed for whoever asks as somebody, and in pages", async () => {
      const { directory } = openedDirectory([server.port], { dereferenceAliases: "always" });
      const { limit: _, ...all } = query(BELOW);
      const found = await directory.as(SAM, "sam-pw").search(all, soon());
      assert.deepEqual(
        found.map(({ dn }) => dn),
        [TESTUSER2],
      );
    });

    it("are never followed by a compare", async () => {
      const { directory } = openedDirectory([server.port], { dereferenceAliases: "always" });
      const alias = `uid=al-test,${BELOW.base}`;
      assert.equal(await directory.compare(alias, "uid", "testuser2", soon()), false);
      assert.equal(await directory.compare(alias, "uid", "al-test", soon()), true);
    });

    it("are nobody to check a password of", async () => {
      const { directory } = openedDirectory([server.port], { dereferenceAliases: "always" });
      const alias = `uid=al-test,${BELOW.base}`;
      assert.equal((await directory.checkPassword(alias, "testuser2-pw", soon())).accepted, false);
      assert.equal(
        (await directory.checkPassword(TESTUSER2, "testuser2-pw", soon())).accepted,
        true,
      );
    });
  });
}
