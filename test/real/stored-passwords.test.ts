import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, describe, it, type TestContext } from "node:test";
import { promisify } from "node:util";
import { type AuthnzLdapOptions, DirectoryError } from "../../src/index.ts";
import { realProgram } from "../support/real.ts";
import { type Slapd, slapd, startSlapd } from "../support/slapd.ts";
import {
  openStoredRealm,
  proveByCramMd5,
  proveByScram,
  type StoredRealm,
  storedPeopleLdif,
} from "../support/stored-people.ts";

const doveadm = realProgram("doveadm");
const run = promisify(execFile);

/** The only one who may read passwords. */
const READER = {
  bindDn: "cn=reader,ou=Services,dc=domain,dc=org",
  bindPassword: "reader-pw",
} as const;
const ACCESS = `access to attrs=userPassword by dn.exact="${READER.bindDn}" read by anonymous auth by * none`;
const PEOPLE = "ou=stored,dc=domain,dc=org";

/** What the real doveadm makes, under the name of who has it. */
const SCHEMES = [
  ...[
    "CRAM-MD5",
    "HMAC-MD5",
    "PLAIN",
    "CLEARTEXT",
    "SSHA",
    "SSHA256",
    "SSHA512",
    "SHA1",
    "SMD5",
    "LDAP-MD5",
  ],
  ...[
    "MD5-CRYPT",
    "SHA256-CRYPT",
    "SHA512-CRYPT",
    "BLF-CRYPT",
    "DES-CRYPT",
    "PBKDF2",
    "ARGON2I",
    "ARGON2ID",
  ],
  ...["SCRAM-SHA-1", "SCRAM-SHA-256", "PLAIN-MD4", "PLAIN-MD5"],
] as const;

const PASSWORD = "pässwörd 1";

async function makePeople(): Promise<Record<string, readonly string[]>> {
  const { path } = doveadm;
  assert(path);
  const made = SCHEMES.map(async (scheme) => {
    const { stdout } = await run(path, ["pw", "-s", scheme, "-p", PASSWORD]);
    return [scheme.toLowerCase(), [stdout.trim()]] as const;
  });
  return {
    ...Object.fromEntries(await Promise.all(made)),
    none: [],
    nope: [`{NOPE}${PASSWORD}`],
    two: [`{PLAIN}${PASSWORD}`, "{PLAIN}second"],
  };
}

describe("stored passwords in slapd, made by doveadm", { skip: slapd.skip || doveadm.skip }, () => {
  let server: Slapd;
  before(async () => {
    const ldif = storedPeopleLdif(await makePeople(), "dc=domain,dc=org");
    server = await startSlapd({ access: ACCESS, ldif });
  });
  after(() => server.close());

  function open(
    test: TestContext,
    options: Partial<AuthnzLdapOptions> = {},
    account: Partial<AuthnzLdapOptions> = READER,
  ): StoredRealm {
    const given = {
      url: `${server.url}/${PEOPLE}?uid,mail`,
      cache: false,
      throttle: false,
    } as const;
    const opened = openStoredRealm(server, { ...given, ...options }, account);
    test.after(() => opened.close());
    return opened;
  }

  async function outcomeOf({ realm }: StoredRealm, username: string, password = PASSWORD) {
    const result = await realm.authenticate({ username, password }, realm.startDeadline());
    return result.ok ? "in" : result.reason;
  }

  for (const scheme of SCHEMES) {
    it(`let in by {${scheme}}`, async (test) => {
      const opened = open(test);
      const username = scheme.toLowerCase();
      assert.equal(await outcomeOf(opened, username), "in");
      assert.equal(await outcomeOf(opened, username.toUpperCase()), "in");
      // DES looks at eight bytes.
      for (const wrong of ["x", PASSWORD.toUpperCase(), PASSWORD.slice(1), `x${PASSWORD}`]) {
        assert.equal(await outcomeOf(opened, username, wrong), "wrong-password", wrong);
      }
      assert.equal(opened.records.length, 0);
    });
  }

  it("let in by a challenge where the stored value goes with it", async (test) => {
    const { realm } = open(test, { mechanisms: ["plain", "cram-md5", "scram-sha-256"] });
    for (const scheme of SCHEMES) {
      const username = scheme.toLowerCase();
      const isPlain = scheme === "PLAIN" || scheme === "CLEARTEXT";
      const byCram = isPlain || scheme === "CRAM-MD5" || scheme === "HMAC-MD5";
      assert.equal((await proveByCramMd5(realm, username, PASSWORD)).ok, byCram, scheme);
      assert.equal((await proveByCramMd5(realm, username, "wrong")).ok, false, scheme);
      const byScram = isPlain || scheme === "SCRAM-SHA-256";
      const scram = await proveByScram(realm, username, PASSWORD);
      assert.equal(scram.ok, byScram, scheme);
      assert.equal(scram.serverIsKnown, byScram, scheme);
      assert.equal((await proveByScram(realm, username, "wrong")).ok, false, scheme);
    }
  });

  it("are of no use to a bind where slapd does not know the scheme", async (test) => {
    const opened = open(test, { passwords: "bind" });
    assert.equal(await outcomeOf(opened, "ssha"), "in");
    for (const username of ["cram-md5", "sha512-crypt", "blf-crypt", "plain"]) {
      assert.equal(await outcomeOf(opened, username), "wrong-password");
    }
  });

  it("let nobody in where there is none, or none that can be checked", async (test) => {
    const opened = open(test);
    assert.equal(await outcomeOf(opened, "none"), "unusable-password");
    assert.equal(await outcomeOf(opened, "nope"), "unusable-password");
    assert.equal(await outcomeOf(opened, "nobody"), "unknown-user");
    assert.deepEqual(
      opened.records.map(({ details }) => details?.reason),
      ["no-value", "unknown-scheme"],
    );
  });

  it("let nobody in where nobody's service account, or another one, reads them", async (test) => {
    const noread = { bindDn: "cn=noread,ou=Services,dc=domain,dc=org", bindPassword: "noread-pw" };
    const asNobody = open(test, {}, {});
    for (const scheme of SCHEMES) {
      assert.equal(await outcomeOf(asNobody, scheme.toLowerCase()), "unusable-password");
    }
    // It may not even search.
    await assert.rejects(outcomeOf(open(test, {}, noread), "ssha"), DirectoryError);
  });

  it("count as far as the first, or all", async (test) => {
    assert.equal(await outcomeOf(open(test), "two"), "in");
    assert.equal(await outcomeOf(open(test), "two", "second"), "wrong-password");
    const all = open(test, { passwords: { allValues: true } });
    assert.equal(await outcomeOf(all, "two", "second"), "in");
  });
});
