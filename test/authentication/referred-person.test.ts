import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { prepareDirectoryProvider } from "../../src/authentication/directory-provider.ts";
import type { Provider } from "../../src/authentication/provider.ts";
import { startDeadline } from "../../src/directory/deadline.ts";
import { openDirectory } from "../../src/directory/open-directory.ts";
import { parseAuthLdapUrl } from "../../src/ldap/parse-auth-ldap-url.ts";
import { bothDirectories, type RunningDirectory } from "../support/real-and-built-in.ts";

const ROOT = "dc=domain,dc=org";
const REMOTE = `ou=Remote,${ROOT}`;
const soon = () => startDeadline(5_000);

for (const { name, skip, start } of bothDirectories) {
  describe(`a person whom a referral leads to (${name})`, { skip }, () => {
    const close: (() => Promise<void>)[] = [];
    let first: RunningDirectory;
    let second: RunningDirectory;
    before(async () => {
      const person = (uid: string) =>
        `dn: uid=${uid},${REMOTE}\nobjectClass: inetOrgPerson\nuid: ${uid}\ncn: ${uid}\nsn: Remote\nuserPassword: remote-pw\n`;
      const unit = `dn: ${REMOTE}\nobjectClass: organizationalUnit\nou: Remote\n`;
      second = await start([unit, person("rita"), person("alice")].join("\n"));
      const ref = `ref: ldap://127.0.0.1:${second.port}/${REMOTE}\n`;
      first = await start(
        `dn: ${REMOTE}\nobjectClass: referral\nobjectClass: extensibleObject\nou: Remote\n${ref}`,
      );
      close.push(first.close, second.close);
    });
    after(() => Promise.all(close.map((one) => one())));

    function provider(isNamed: boolean): Provider {
      const address = { kind: "tcp", host: "127.0.0.1", port: second.port } as const;
      const directory = openDirectory({
        servers: [{ ...address, port: first.port }],
        security: "none",
        tls: { minVersion: "TLSv1.2" },
        serviceAccount: { kind: "anonymous" },
        ...(isNamed && { referrals: { allow: [{ address, security: "none" }], hops: 1 } }),
        connections: { search: 1, bind: 2, queue: 10 },
        dialTimeout: 2_000,
        operationTimeout: 2_000,
        idleTimeout: 300_000,
        log: () => {},
      });
      close.unshift(directory.close);
      const url = parseAuthLdapUrl(`ldap://127.0.0.1:${first.port}/${ROOT}?uid`);
      const settings = {
        name: "ldap",
        wanted: ["sn"],
        isAuthoritative: true,
        looksAtAccount: true,
      };
      return prepareDirectoryProvider(directory, { ...settings, url, initialBind: undefined });
    }

    it("signs in with the password that the other server has, and stays signed in", async () => {
      const people = provider(true);
      const result = await people.authenticate({ username: "rita", password: "remote-pw" }, soon());
      assert.equal(result.outcome, "granted");
      assert.equal(result.person.dn, `uid=rita,${REMOTE}`);
      const again = await people.reread(result.person, soon());
      assert.deepEqual(again, { ok: true, person: result.person });
      const wrong = await people.authenticate({ username: "rita", password: "wrong" }, soon());
      assert.equal(wrong.outcome, "denied");
    });

    it("is unknown where the other server is not named", async () => {
      const result = await provider(false).authenticate(
        { username: "rita", password: "remote-pw" },
        soon(),
      );
      assert.deepEqual(result, { outcome: "unknown", reason: "unknown-user" });
    });

    it("takes over nobody of the same name", async () => {
      const people = provider(true);
      for (const password of ["remote-pw", "alice-pw"]) {
        const result = await people.authenticate({ username: "alice", password }, soon());
        assert.deepEqual(result, { outcome: "unknown", reason: "ambiguous-user" });
      }
    });
  });
}
