import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { hashCrypt } from "../../src/passwords/crypt/hash-crypt.ts";
import { hashPassword, type WrittenScheme } from "../../src/passwords/hash-password.ts";
import { startDirectory, type TestDirectory } from "../../src/testing/index.ts";
import { administrator, fixtureLdif } from "../support/fixture-directory.ts";
import { LdapClient } from "../support/ldap-client.ts";
import { recordedBinds, recordedPeople } from "../support/recorded-binds.ts";
import { type Slapd, skipWithoutModules, startSlapd } from "../support/slapd.ts";

const MODULES = ["argon2", "pw-sha2", "pw-pbkdf2", "pw-apr1", "pw-netscape"];
const skip = skipWithoutModules(...MODULES);
const BASE = "ou=Recorded,dc=domain,dc=org";

/** All of `test`: `slappasswd -h '{BSDMD5}' -o module-load=pw-apr1`, …; {NS-MTA-MD5} by its formula. */
const TEST_VALUES = [
  "{BSDMD5}SJ4VSZUFJUCXkc4JxtA7z2VaMWFTNjh6",
  "{APR1}ThEF6pBb+xqQ/l9Zy0uyP1oxdS9aS09Z",
  "{SHA384}doQSMg97CqWBL85CjcRwazyuUOAqZMqhangiSb/o78S37xzLEmJV0ZYEff7fF6Cp",
  "{SSHA384}ZN4czX1BNo9trLr76X3RRQPtxH1hAuA9FzvlwsiGMs0T+1Mx8hc73dMvxPmtZjz9RDeXehyGB/U=",
  "{PBKDF2}10000$gdUYLsuPtb2LaovVHlfWxA$BVeOMahaksQNauwISthgul.25ZI",
  "{PBKDF2-SHA256}10000$NVQYJ2JjJ.lr8HI20n0r/w$pJvqSPsc78M7y0YCqJcW/hxIEplWxi.wAJR2ugsUT3s",
  "{NS-MTA-MD5}3e790a15f19609776da790b86553c5b70123456789abcdef0123456789abcdef",
  "{SHA} qUqP5cyxm6YcTAhz05Hph5gvu9M= ",
];

describe("slapd with its modules for passwords", { skip }, () => {
  let slapd: Slapd;
  let builtIn: TestDirectory;
  before(async () => {
    slapd = await startSlapd({ modules: MODULES, ldif: recordedPeople(BASE) });
    builtIn = await startDirectory({
      ldif: `${fixtureLdif}\n${recordedPeople(BASE)}`,
      administrator,
    });
  });
  after(() => Promise.all([slapd?.close(), builtIn?.close()]));

  /** Who adds entries, and another one who binds, at each of both. */
  async function withClients(
    use: (client: LdapClient, owner: LdapClient, name: string) => Promise<void>,
  ): Promise<void> {
    for (const [name, { port }] of Object.entries({ slapd, builtIn })) {
      const [client, owner] = [await LdapClient.connect(port), await LdapClient.connect(port)];
      try {
        await owner.bind(administrator.dn, administrator.password);
        await use(client, owner, name);
      } finally {
        client.close();
        owner.close();
      }
    }
  }

  const hashAs = (scheme: WrittenScheme) => (password: string) => hashPassword(password, scheme);
  const sha512Crypt = async (password: string) =>
    `{CRYPT}${await hashCrypt("sha512-crypt", password)}`;
  const written: Readonly<Record<string, (password: string) => Promise<string>>> = {
    SSHA: hashAs("SSHA"),
    SSHA256: hashAs("SSHA256"),
    SSHA512: hashAs("SSHA512"),
    CRYPT: hashAs("CRYPT"),
    "CRYPT-6": sha512Crypt,
    ARGON2: hashAs("ARGON2"),
    "PBKDF2-SHA256": hashAs("PBKDF2-SHA256"),
    "PBKDF2-SHA512": hashAs("PBKDF2-SHA512"),
  };
  for (const [what, hash] of Object.entries(written)) {
    it(`accepts what is written as ${what}, and nothing else`, async () => {
      for (const [index, password] of ["pässwörd€ ", "{SSHA}x"].entries()) {
        const stored = await hash(password);
        await withClients(async (client, owner, name) => {
          const uid = `${what.toLowerCase()}-${index}`;
          const dn = `uid=${uid},${BASE}`;
          const entry = { objectClass: ["inetOrgPerson"], uid: [uid], cn: [uid], sn: [uid] };
          const added = await owner.add(dn, { ...entry, userPassword: [stored] });
          assert.equal(added.code, 0, `${name}: ${added.message}`);
          assert.equal((await client.bind(dn, password)).code, 0, `${name}: ${stored}`);
          for (const wrong of [`${password}x`, password.slice(1), stored]) {
            assert.equal((await client.bind(dn, wrong)).code, 49, `${name}: ${stored} ${wrong}`);
          }
        });
      }
    });
  }

  it("accepts what slappasswd wrote, and what nobody writes any more, as the built-in directory does", async () => {
    for (const [index, stored] of TEST_VALUES.entries()) {
      await withClients(async (client, owner, name) => {
        const uid = `written-${index}`;
        const dn = `uid=${uid},${BASE}`;
        const entry = { objectClass: ["inetOrgPerson"], uid: [uid], cn: [uid], sn: [uid] };
        const added = await owner.add(dn, { ...entry, userPassword: [stored] });
        assert.equal(added.code, 0, `${name}: ${added.message}`);
        assert.equal((await client.bind(dn, "test")).code, 0, `${name}: ${stored}`);
        assert.equal((await client.bind(dn, "tesT")).code, 49, `${name}: ${stored}`);
      });
    }
  });

  it("answers what the built-in directory does to all recorded binds", async () => {
    const recorded = recordedBinds(BASE);
    const [real, ours] = [
      await LdapClient.connect(slapd.port),
      await LdapClient.connect(builtIn.port),
    ];
    const different: string[] = [];
    for (const { bindDn, password, stored } of recorded) {
      const [{ code: said }, { code }] = await Promise.all([
        real.bind(bindDn, password),
        ours.bind(bindDn, password),
      ]);
      // No well-kept library computes yescrypt.
      const expected = String(stored).startsWith("{CRYPT}$y$") && said === 0 ? 49 : said;
      if (code !== expected) different.push(`${stored} ${password}: ${said}, ${code}`);
    }
    assert.deepEqual(different, []);
    real.close();
    ours.close();
  });
});
