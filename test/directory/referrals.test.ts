import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { OperationReport, SearchQuery } from "../../src/directory/directory.ts";
import type { DirectorySettings } from "../../src/directory/directory-settings.ts";
import { textValues } from "../../src/ldap/entry.ts";
import { createCertificateAuthority } from "../../src/testing/index.ts";
import { fixtureLdif } from "../support/fixture-directory.ts";
import { bothDirectories, type RunningDirectory } from "../support/real-and-built-in.ts";
import { builtIn, openedDirectory, soon } from "./opened-directory.ts";

const ROOT = "dc=domain,dc=org";
const REMOTE = `ou=Remote,${ROOT}`;
const RITA = `uid=rita,${REMOTE}`;
const PEOPLE = `ou=People,${ROOT}`;

/** What the second server has. */
const remoteLdif = (back: number): string => `dn: ${REMOTE}
objectClass: organizationalUnit
ou: Remote

dn: ${RITA}
objectClass: inetOrgPerson
uid: rita
cn: Rita
sn: Remote
userPassword: rita-pw

dn: ou=Back,${REMOTE}
objectClass: referral
objectClass: extensibleObject
ou: Back
ref: ldap://127.0.0.1:${back}/ou=Back,${REMOTE}
`;

/** What the first server has in its place. */
const pointerLdif = (port: number, dn = REMOTE): string => `dn: ${dn}
objectClass: referral
objectClass: extensibleObject
ou: Remote
ref: ldap://127.0.0.1:${port}/${dn}
`;

const find = (uid: string, query: Partial<SearchQuery> = {}): SearchQuery => ({
  base: ROOT,
  scope: "sub",
  filter: { type: "equal", attribute: "uid", value: Buffer.from(uid) },
  attributes: ["uid"],
  limit: 2,
  ...query,
});

function allowed(ports: readonly number[], hops = 5): Partial<DirectorySettings> {
  const allow = ports.map((port) => ({
    address: { kind: "tcp", host: "127.0.0.1", port } as const,
    security: "none" as const,
  }));
  return { referrals: { allow, hops } };
}

const dns = (entries: readonly { dn: string }[]) => entries.map(({ dn }) => dn);

for (const { name, skip, start } of bothDirectories) {
  describe(`two servers that are ${name}`, { skip }, () => {
    let first: RunningDirectory;
    let second: RunningDirectory;
    before(async () => {
      // Nobody listens on port 9 of this machine: nothing may be sent there.
      second = await start(remoteLdif(9));
      first = await start(pointerLdif(second.port));
    });
    after(() => Promise.all([first.close(), second.close()]));
    const opened = (settings = allowed([second.port])) => openedDirectory([first.port], settings);

    it("are one directory where the second one is named", async () => {
      const { directory, log } = opened();
      const [rita, ...others] = await directory.search(find("rita"), soon());
      assert.deepEqual(others, []);
      assert.equal(rita?.dn, RITA);
      assert.deepEqual(textValues(rita, "uid"), ["rita"]);
      assert.equal(
        (await directory.checkPassword(RITA, "rita-pw", soon(), rita.origin)).accepted,
        true,
      );
      assert.equal(
        (await directory.checkPassword(RITA, "wrong", soon(), rita.origin)).accepted,
        false,
      );
      assert.equal(await directory.compare(RITA, "sn", "remote", soon()), true);
      assert.equal(await directory.compare(RITA, "sn", "else", soon()), false);
      const [again] = await directory.search(find("rita", { base: RITA, scope: "base" }), soon());
      assert.equal(again?.dn, RITA);
      // The one that the second server refers to is not named.
      assert.deepEqual(
        log.map(({ event, level, details }) => [event, level, details]),
        [["referral-ignored", "warn", { server: "ldap://127.0.0.1:9" }]],
      );
    });

    it("do not mix their people's passwords up", async () => {
      const { directory } = opened();
      const [alice] = await directory.search(find("alice", { base: PEOPLE }), soon());
      assert(alice && !("origin" in alice));
      assert.equal((await directory.checkPassword(alice.dn, "alice-pw", soon())).accepted, true);
      // The first server does not know her.
      assert.equal((await directory.checkPassword(RITA, "rita-pw", soon())).accepted, false);
      await assert.rejects(directory.checkPassword(RITA, "rita-pw", soon(), "ldap://127.0.0.1:9"), {
        code: "refused",
      });
    });

    it("are two where referrals are not followed", async () => {
      const { directory, log } = openedDirectory([first.port]);
      assert.deepEqual(await directory.search(find("rita"), soon()), []);
      assert.deepEqual(dns(await directory.search(find("alice"), soon())), [`uid=alice,${PEOPLE}`]);
      const there = directory.search(find("rita", { base: REMOTE }), soon());
      await assert.rejects(there, { code: "refused", resultCode: 10 });
      await assert.rejects(directory.compare(RITA, "sn", "remote", soon()), { resultCode: 10 });
      assert.equal((await directory.checkPassword(RITA, "rita-pw", soon())).accepted, false);
      assert.deepEqual(
        log.map(({ event, level }) => [event, level]),
        [["referral-ignored", "info"]],
      );
    });

    it("are two where another port, scheme or host is named", async () => {
      const elsewhere = { kind: "tcp", host: "127.0.0.1", port: second.port } as const;
      for (const named of [
        { address: { ...elsewhere, port: 10 }, security: "none" },
        { address: elsewhere, security: "tls" },
        { address: { ...elsewhere, host: "localhost" }, security: "none" },
      ] as const) {
        const { directory } = opened({ referrals: { allow: [named], hops: 5 } });
        assert.deepEqual(await directory.search(find("rita"), soon()), []);
      }
    });

    it("keep to the scope", async () => {
      const { directory } = opened();
      assert.deepEqual(await directory.search(find("rita", { scope: "one" }), soon()), []);
      const ou = (base: string, scope: SearchQuery["scope"]) =>
        directory.search(
          { ...find(""), base, scope, filter: { type: "present", attribute: "ou" }, limit: 50 },
          soon(),
        );
      assert(dns(await ou(ROOT, "one")).includes(REMOTE));
      assert.deepEqual(dns(await ou(REMOTE, "base")), [REMOTE]);
      assert.deepEqual(
        dns(await directory.search(find("rita", { base: REMOTE, scope: "one" }), soon())),
        [RITA],
      );
    });

    it("are asked as the same service account, or as the same person", async () => {
      const dn = "cn=reader,ou=Services,dc=domain,dc=org";
      const serviceAccount = { kind: "simple", dn, password: "reader-pw" } as const;
      const { directory } = opened({ ...allowed([second.port]), serviceAccount });
      assert.deepEqual(dns(await directory.search(find("rita"), soon())), [RITA]);
      const reports: OperationReport[] = [];
      const asAlice = directory
        .as(`uid=alice,${PEOPLE}`, "alice-pw")
        .reporting((report) => reports.push(report));
      assert.deepEqual(dns(await asAlice.search(find("rita"), soon())), [RITA]);
      assert.deepEqual(
        reports.map(({ server, dn: base, result }) => [server, base, result]),
        [
          [`ldap://127.0.0.1:${first.port}`, ROOT, "found 0"],
          [`ldap://127.0.0.1:${second.port}`, REMOTE, "found 1"],
        ],
      );
      const wrong = directory.as(`uid=alice,${PEOPLE}`, "wrong").search(find("rita"), soon());
      await assert.rejects(wrong, { resultCode: 49 });
    });

    it("give up within the hops that are allowed", async () => {
      const { directory } = opened(allowed([second.port], 0));
      await assert.rejects(directory.search(find("rita"), soon()), { code: "limit" });
    });

    it("stop at as many entries as are asked for", async () => {
      const { directory } = opened();
      const any = { ...find(""), filter: { type: "present", attribute: "uid" } } as const;
      assert.equal((await directory.search({ ...any, limit: 3 }, soon())).length, 3);
      const { limit: _, ...all } = any;
      const found = dns(await directory.search(all, soon()));
      assert(found.includes(RITA) && found.includes(`uid=alice,${PEOPLE}`));
    });

    it("close together", async () => {
      const { directory } = opened();
      await directory.search(find("rita"), soon());
      await directory.close();
      await assert.rejects(directory.search(find("rita"), soon()), { code: "closed" });
      const origin = `ldap://127.0.0.1:${second.port}`;
      const late = directory.checkPassword(RITA, "rita-pw", soon(), origin);
      await assert.rejects(late, { code: "closed" });
    });
  });
}

describe("referrals", () => {
  it("are followed along several servers, each bound to the part it was named for", async () => {
    const third = await builtIn({
      ldif: `${fixtureLdif}\n${remoteLdif(9)}\ndn: uid=tim,ou=Far,${REMOTE}\nuid: tim\nuserPassword: tim-pw\n\ndn: ou=Far,${REMOTE}\nou: Far\n`,
    });
    const second = await builtIn({
      ldif: `${fixtureLdif}\n${remoteLdif(9)}\n${pointerLdif(third.port, `ou=Far,${REMOTE}`)}`,
    });
    const first = await builtIn({ ldif: `${fixtureLdif}\n${pointerLdif(second.port)}` });
    const ports = [second.port, third.port];
    const { directory } = openedDirectory([first.port], allowed(ports, 2));
    const [tim] = await directory.search(find("tim"), soon());
    assert.equal(tim?.dn, `uid=tim,ou=Far,${REMOTE}`);
    assert.equal(tim.origin, third.url);
    assert.equal(
      (await directory.checkPassword(tim.dn, "tim-pw", soon(), tim.origin)).accepted,
      true,
    );
    const tooFar = openedDirectory([first.port], allowed(ports, 1)).directory;
    await assert.rejects(tooFar.search(find("tim"), soon()), { code: "limit" });
    const notNamed = openedDirectory([first.port], allowed([second.port])).directory;
    assert.deepEqual(await notNamed.search(find("tim"), soon()), []);
  });

  it("end where they lead back", async () => {
    const first = await builtIn();
    const second = await builtIn({ ldif: `${fixtureLdif}\n${remoteLdif(first.port)}` });
    const back = `ou=Back,${REMOTE}`;
    // Both refer to the other one for ou=Back, and neither has it.
    first.apply(`dn: ${REMOTE}\nou: Remote\n\n${pointerLdif(second.port, back)}`);
    const { directory } = openedDirectory([first.port], allowed([first.port, second.port]));
    const led = { code: "refused", resultCode: 10 };
    await assert.rejects(directory.search(find("rita", { base: back }), soon()), led);
    await assert.rejects(directory.compare(back, "ou", "Back", soon()), led);
    await assert.rejects(directory.search(find("rita"), soon()), led);
    assert.equal((await directory.search(find("alice", { base: PEOPLE }), soon())).length, 1);
    assert(first.operations.length + second.operations.length < 20);
  });

  it("lead to a server whose certificate is for itself, whatever name the first one's is for", async () => {
    const authority = createCertificateAuthority();
    const certified = (host: string) => ({
      ...authority.issue({ hosts: [host] }),
      ca: authority.cert,
    });
    const second = await builtIn({
      ldif: `${fixtureLdif}\n${remoteLdif(10)}`,
      tls: certified("127.0.0.1"),
    });
    const pointer = pointerLdif(second.ldapsPort ?? 0).replace("ref: ldap:", "ref: ldaps:");
    const first = await builtIn({
      ldif: `${fixtureLdif}\n${pointer}`,
      tls: certified("main.test"),
    });
    const allow = [
      {
        address: { kind: "tcp", host: "127.0.0.1", port: second.ldapsPort ?? 0 },
        security: "tls",
      },
    ] as const;
    const settings = {
      security: "starttls",
      tls: { minVersion: "TLSv1.2", ca: [authority.cert], serverName: "main.test" },
      referrals: { allow, hops: 5 },
    } as const;
    const { directory } = openedDirectory([first.port], settings);
    assert.deepEqual(dns(await directory.search(find("rita"), soon())), [RITA]);
    assert(second.operations.every(({ secure }) => secure));
    const stranger = await builtIn({ ldif: fixtureLdif, tls: certified("main.test") });
    first.apply(
      `dn: ou=Stranger,${ROOT}\nobjectClass: referral\nref: ldaps://127.0.0.1:${stranger.ldapsPort}/ou=Stranger,${ROOT}\n`,
    );
    const address = { kind: "tcp", host: "127.0.0.1", port: stranger.ldapsPort ?? 0 } as const;
    const both = { allow: [...allow, { address, security: "tls" } as const], hops: 5 };
    const wary = openedDirectory([first.port], { ...settings, referrals: both }).directory;
    await assert.rejects(wary.search(find("rita"), soon()), { code: "tls" });
    assert.deepEqual(stranger.operations, []);
  });

  it("are an error where the server that is named does not answer", async () => {
    const first = await builtIn({ ldif: `${fixtureLdif}\n${pointerLdif(9)}` });
    const { directory } = openedDirectory([first.port], allowed([9]));
    await assert.rejects(directory.search(find("alice"), soon()), { code: "unreachable" });
    // Nobody is told half of the truth, but what is not asked there is as ever.
    const here = await directory.search(find("alice", { base: PEOPLE }), soon());
    assert.equal(here.length, 1);
  });

  it("take the next of several URLs where the first one's server is away, or not named", async () => {
    const second = await builtIn({ ldif: `${fixtureLdif}\n${remoteLdif(10)}` });
    const urls = `ref: ldap://127.0.0.1:9/${REMOTE}\nref: ldap://not.named/${REMOTE}\nref: ${second.url}/${REMOTE}`;
    const ldif = pointerLdif(0).replace(/^ref: .*$/m, urls);
    const first = await builtIn({ ldif: `${fixtureLdif}\n${ldif}` });
    const { directory } = openedDirectory([first.port], allowed([9, second.port]));
    assert.deepEqual(dns(await directory.search(find("rita"), soon())), [RITA]);
  });
});
