import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { prepareChain } from "../../src/authentication/chain.ts";
import { prepareInitialBind } from "../../src/authentication/initial-bind.ts";
import type { Provider, ProviderResult } from "../../src/authentication/provider.ts";
import { startDeadline } from "../../src/directory/deadline.ts";
import {
  type AuthnzLdap,
  type AuthnzLdapOptions,
  authnzLdap,
  DirectoryError,
  otherDirectory,
  passwordFile,
} from "../../src/index.ts";
import type { TestDirectory } from "../../src/testing/index.ts";
import { startFixtureDirectory } from "../support/fixture-directory.ts";

/** Both have the password file-pw. */
const HTPASSWD = `# people of the file
alice:$apr1$abcdefgh$Rxoh493z7a9JdxrF6hSlH0
fileonly:$apr1$abcdefgh$Rxoh493z7a9JdxrF6hSlH0
plain:file-pw
`;
const CLOSED = "ldap://127.0.0.1:1/ou=People,dc=domain,dc=org?uid";

let directory: TestDirectory;
let folder: string;
let file: string;
let people: string;
before(async () => {
  directory = await startFixtureDirectory();
  folder = await mkdtemp(join(tmpdir(), "authnz-ldap-"));
  file = join(folder, "htpasswd");
  await writeFile(file, HTPASSWD);
  people = `${directory.url}/ou=People,dc=domain,dc=org?uid`;
});
after(async () => {
  await directory.close();
  await rm(folder, { recursive: true });
});

async function withHandle<T>(
  options: AuthnzLdapOptions,
  use: (ldap: AuthnzLdap) => Promise<T>,
): Promise<T> {
  const ldap = authnzLdap({ log: () => {}, ...options });
  try {
    return await use(ldap);
  } finally {
    await ldap.close();
  }
}

/** The name of the provider that let them in, or why nobody did. */
function login(options: AuthnzLdapOptions, username: string, password: string): Promise<string> {
  return withHandle(options, async (ldap) => {
    const result = await ldap.authenticate({ username, password });
    return result.ok ? (result.person.provider ?? "") : result.reason;
  });
}

describe("a directory, then a password file", () => {
  const chain = (more: Partial<AuthnzLdapOptions> = {}): AuthnzLdapOptions => {
    return { url: people, otherProviders: [passwordFile({ file })], ...more };
  };

  it("asks the file only about names that the directory does not know", async () => {
    assert.equal(await login(chain(), "alice", "alice-pw"), "ldap");
    assert.equal(await login(chain(), "alice", "file-pw"), "wrong-password");
    assert.equal(await login(chain(), "fileonly", "file-pw"), "file");
    assert.equal(await login(chain(), "fileonly", "alice-pw"), "wrong-password");
    assert.equal(await login(chain(), "nobody", "file-pw"), "unknown-user");
    assert.equal(await login(chain(), "fileonly", ""), "unacceptable-credentials");
    assert.equal(await login(chain(), "plain", "file-pw"), "wrong-password");
    assert.equal(await login(chain(), "FILEONLY", "file-pw"), "unknown-user");
  });

  it("asks the file after a wrong password too, where the directory is not authoritative", async () => {
    const lax = chain({ bindAuthoritative: false });
    assert.equal(await login(lax, "alice", "alice-pw"), "ldap");
    assert.equal(await login(lax, "alice", "file-pw"), "file");
    assert.equal(await login(lax, "alice", "neither"), "wrong-password");
  });

  it("says that it can't say while the directory is down, unless that is not authoritative", async () => {
    await assert.rejects(login(chain({ url: CLOSED }), "fileonly", "file-pw"), DirectoryError);
    const lax = chain({ url: CLOSED, bindAuthoritative: false });
    assert.equal(await login(lax, "fileonly", "file-pw"), "file");
  });

  it("is not talked out of a wrong password by a second directory that is down", async () => {
    const options = { url: people, otherProviders: [otherDirectory({ url: CLOSED })] };
    assert.equal(await login(options, "alice", "wrong"), "wrong-password");
    await assert.rejects(login(options, "nobody", "wrong"), DirectoryError);
  });

  it("asks about nobody in the first directory for whom the file refuses", async () => {
    await withHandle(chain(), async (ldap) => {
      for (const username of ["fileonly", "nobody", "alice"]) {
        directory.clearOperations();
        assert(!(await ldap.authenticate({ username, password: "wrong" })).ok);
        const binds = directory.operations.filter(({ operation }) => operation === "bind");
        assert.equal(binds.length, 1, username);
      }
    });
  });

  it("reads the file again when it has changed, and lets nobody in when it is gone", async () => {
    const own = join(folder, "changing");
    await writeFile(own, HTPASSWD);
    await withHandle(chain({ otherProviders: [passwordFile({ file: own })] }), async (ldap) => {
      const ask = () => ldap.authenticate({ username: "fileonly", password: "file-pw" });
      assert.equal((await ask()).ok, true);
      await writeFile(own, "somebody:else\n");
      assert.equal((await ask()).ok, false);
      await rm(own);
      await assert.rejects(ask(), DirectoryError);
    });
  });
});

/** A provider that answers like this, and counts what it is asked. */
function providerThat(name: string, answer: () => Promise<ProviderResult>) {
  const counts = { authenticate: 0, decoy: 0 };
  const provider: Provider = {
    name,
    authenticate() {
      counts.authenticate++;
      return answer();
    },
    async decoy() {
      counts.decoy++;
    },
    reread: async () => ({ ok: false, reason: "gone" }),
  };
  return { provider, counts };
}

describe("a chain", () => {
  const wrong = () =>
    providerThat("a", async () => ({ outcome: "denied", reason: "wrong-password" }));
  const unknown = () =>
    providerThat("b", async () => ({ outcome: "unknown", reason: "unknown-user" }));
  const away = () => providerThat("c", async () => ({ outcome: "unknown", reason: "unavailable" }));
  const down = () =>
    providerThat("d", async () => {
      throw new DirectoryError("down", { code: "unreachable" });
    });
  const granting = () =>
    providerThat("e", async () => ({
      outcome: "granted",
      person: { dn: "", username: "x", provider: "e", attributes: {} },
    }));
  type Part = ReturnType<typeof providerThat>;

  async function reasonOf(...parts: readonly Part[]): Promise<string> {
    const authenticate = prepareChain(parts.map(({ provider }) => provider));
    const credentials = { username: "x", password: "y" };
    const result = await authenticate(credentials, startDeadline(1_000));
    return result.ok ? "granted" : result.reason;
  }

  it("ends where somebody is known", async () => {
    const last = granting();
    assert.equal(await reasonOf(unknown(), wrong(), last), "wrong-password");
    assert.equal(last.counts.authenticate, 0);
    assert.equal(await reasonOf(unknown(), granting(), wrong()), "granted");
    await assert.rejects(reasonOf(unknown(), down(), granting()), DirectoryError);
  });

  it("checks nobody's password wherever none was checked, once", async () => {
    for (const order of [
      [wrong(), unknown(), unknown()],
      [unknown(), wrong(), unknown()],
      [unknown(), unknown(), wrong()],
      [unknown(), unknown(), unknown()],
    ]) {
      await reasonOf(...order);
      for (const { provider, counts } of order) {
        assert.equal(counts.decoy, provider.name === "a" ? 0 : 1);
      }
    }
  });

  it("does not wait for nobody where that can't be asked", async () => {
    const one = away();
    assert.equal(await reasonOf(one, unknown()), "unavailable");
    assert.equal(one.counts.decoy, 0);
  });

  it("says the same of a wrong password when a provider that was not asked is down", async () => {
    const broken: Part = down();
    const provider: Provider = {
      ...broken.provider,
      decoy: () => Promise.reject(new DirectoryError("down", { code: "unreachable" })),
    };
    assert.equal(await reasonOf(wrong(), { ...broken, provider }), "wrong-password");
    assert.equal(broken.counts.authenticate, 0);
  });

  it("without anybody lets nobody in", async () => {
    assert.equal(await reasonOf(), "unknown-user");
  });
});

describe("a directory, then another one", () => {
  it("asks the other one about names that the first does not know", async () => {
    const web = `${directory.url}/ou=web,dc=domain,dc=org?uid,MyWebAccess`;
    const options = { url: people, otherProviders: [otherDirectory({ url: web, name: "web" })] };
    assert.equal(await login(options, "alice", "alice-pw"), "ldap");
    assert.equal(await login(options, "web1", "web1-pw"), "web");
    assert.equal(await login(options, "web1", "alice-pw"), "wrong-password");
    assert.equal(await login(options, "nobody", "web1-pw"), "unknown-user");
  });
});

describe("initialBindAsUser", () => {
  const bind = { pattern: /^(.+)$/, dn: "uid=$1,ou=People,dc=domain,dc=org" };

  const matching = (pattern: RegExp) => (name: string) => pattern.exec(name);

  it("searches as the visitor, and binds the entry that is found", async () => {
    directory.clearOperations();
    const options = { url: people, initialBindAsUser: bind };
    assert.equal(await login(options, "alice", "alice-pw"), "ldap");
    const dn = "uid=alice,ou=People,dc=domain,dc=org";
    const binds = directory.operations.filter(({ operation }) => operation === "bind");
    assert.deepEqual(
      binds.map((one) => one.dn),
      [dn, dn],
    );
    assert.equal(await login(options, "alice", "wrong"), "wrong-password");
    assert.equal(await login(options, "nobody", "alice-pw"), "wrong-password");
  });

  it("escapes what it puts into the DN", () => {
    const of = prepareInitialBind(matching(bind.pattern), bind.dn);
    assert.equal(of("a,b"), "uid=a\\,b,ou=People,dc=domain,dc=org");
    assert.equal(
      of("alice,ou=People,dc=domain,dc=org"),
      "uid=alice\\,ou\\=People\\,dc\\=domain\\,dc\\=org,ou=People,dc=domain,dc=org",
    );
    assert.equal(prepareInitialBind(matching(/^.*$/), "$0")("cn=x,dc=y"), "cn=x,dc=y");
    assert.equal(prepareInitialBind(matching(/^[a-z]+$/), "uid=$0")("ALICE"), "ALICE");
  });

  it("binds as the bare name without a pattern", async () => {
    const dn = "uid=alice,ou=People,dc=domain,dc=org";
    const byDn = people.replace("?uid", "?entryDN");
    assert.equal(
      await login({ url: byDn, initialBindAsUser: true }, dn, "wrong"),
      "wrong-password",
    );
    const one = prepareInitialBind();
    assert.equal(one(dn), dn);
    assert.equal(one("alice"), "alice");
  });

  it("fills in what groups matched, and nothing for those that did not", () => {
    const of = prepareInitialBind(matching(/^(\w+)\\(\w+)(x)?$/), "uid=$2,ou=$1$3$9,cn=$$x");
    assert.equal(of("staff\\sam"), "uid=sam,ou=staff,cn=$$x");
    assert.equal(of("a$1\\sam"), "a$1\\sam");
    assert.equal(prepareInitialBind(matching(/^.*$/), "uid=$0")("$&$1"), "uid=$&$1");
  });

  it("takes the text of a pattern as httpd does, which no name can slow down", async () => {
    const slow = { ...bind, pattern: "^(([a-z,]+)*)$" };
    assert.equal(
      await login({ url: people, initialBindAsUser: slow }, "alice", "alice-pw"),
      "ldap",
    );
    const began = performance.now();
    await withHandle({ url: people, initialBindAsUser: slow }, async (ldap) => {
      const username = `${"a".repeat(1_000)}!`;
      await ldap.authenticate({ username, password: "x" }).catch(() => {});
    });
    assert(performance.now() - began < 2_000);
  });

  it("lets a name with a comma in, which httpd can't", async () => {
    const options = { url: people, initialBindAsUser: bind };
    assert.equal(await login(options, "comma,user", "comma,user-pw"), "ldap");
  });
});
