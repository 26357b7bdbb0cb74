import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type AuthnzLdap, authnzLdap } from "../../src/index.ts";
import { startFixtureDirectory } from "../support/fixture-directory.ts";
import { slapd, startSlapd } from "../support/slapd.ts";

/** Spellings that a directory may or may not take for `alice`: case, spaces, width, invisible and foreign letters. */
const SPELLINGS = [
  ...["alice", "ALICE", "Alice", "alice ", " alice", "  alice  ", "alice\u00a0", "\u2003alice"],
  ...[
    "ａｌｉｃｅ",
    "al\u00adice",
    "al\u200bice",
    "al\u0131ce",
    "AL\u0130CE",
    "аlice",
    "alicé",
    "alice\u0301",
  ],
];

const SERVERS = [
  { name: "the built-in directory", start: () => startFixtureDirectory(), skip: false },
  { name: "slapd", start: () => startSlapd(), skip: slapd.skip },
] as const;

for (const { name, start, skip } of SERVERS) {
  describe(`on ${name}`, { skip }, () => {
    let server: { readonly url: string; close(): Promise<void> };
    let ldap: AuthnzLdap;
    before(async () => {
      server = await start();
      const url = `${server.url}/ou=People,dc=domain,dc=org?uid?one`;
      ldap = authnzLdap({ url, log: () => {} });
    });
    after(async () => {
      await ldap?.close();
      await server?.close();
    });

    for (const username of SPELLINGS) {
      it(`${JSON.stringify(username)} is alice by her own name, or nobody`, async () => {
        const result = await ldap.authenticate({ username, password: "alice-pw" });
        if (!result.ok) {
          assert.equal(result.reason, "unknown-user");
          return;
        }
        assert.equal(result.person.username, "alice");
        assert.equal(result.person.dn, "uid=alice,ou=People,dc=domain,dc=org");
      });
    }

    it("finds her in other letter case and with spaces around", async () => {
      for (const username of ["ALICE", " alice ", "Alice"]) {
        assert((await ldap.authenticate({ username, password: "alice-pw" })).ok, username);
      }
    });

    it("keeps names apart that differ in a letter", async () => {
      for (const username of ["аlice", "alic", "alicee", "al\u0131ce"]) {
        assert(!(await ldap.authenticate({ username, password: "alice-pw" })).ok, username);
      }
    });
  });
}
