import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, describe, it } from "node:test";
import { inspect } from "node:util";
import fc from "fast-check";
import { element, integer } from "../../src/testing/ber-element.ts";
import {
  startDirectory,
  type TestDirectory,
  type TestDirectoryOptions,
} from "../../src/testing/index.ts";
import { startFixtureDirectory } from "../support/fixture-directory.ts";
import { encodeBind, encodeRequest, encodeSearch, LdapClient } from "../support/ldap-client.ts";

const BASE = "dc=domain,dc=org";
const PEOPLE = `ou=People,${BASE}`;
const ALICE = `uid=alice,${PEOPLE}`;
const PPOLICY = { oid: "1.3.6.1.4.1.42.2.27.8.5.1", critical: false };

const open: { close(): unknown }[] = [];

async function start(options: Partial<TestDirectoryOptions> = {}): Promise<TestDirectory> {
  const directory = await startFixtureDirectory(options);
  open.push(directory);
  return directory;
}

async function connectTo(directory: TestDirectory): Promise<LdapClient> {
  const client = await LdapClient.connect(directory.port);
  open.push(client);
  return client;
}

async function names(client: LdapClient, filter: string): Promise<readonly string[]> {
  const { entries } = await client.search({ base: BASE, filter, attributes: ["1.1"] });
  return entries.map(({ dn }) => dn.split(",")[0] ?? "").sort();
}

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

describe("the directory's life", () => {
  it("counts connections and lists what arrived, but never a password", async () => {
    const directory = await start();
    const client = await connectTo(directory);
    await client.bind(ALICE, "alice-pw");
    await client.bind(ALICE, "wrong-canary");
    await client.search({ base: PEOPLE, scope: "one", filter: "(uid=ca\\2ary)", sizeLimit: 2 });
    await client.compare(ALICE, "userPassword", "compare-canary");
    await client.modify(ALICE, [{ change: "add", name: "userPassword", values: ["m-canary"] }]);
    await client.extended("1.3.6.1.4.1.4203.1.11.1", element(0x30, element(0x82, "x-canary")));
    assert.deepEqual(
      directory.operations.map(({ operation, resultCode }) => [operation, resultCode]),
      [
        ["bind", 0],
        ["bind", 49],
        ["search", 0],
        ["compare", 50],
        ["modify", 8],
        ["password-modify", 8],
      ],
    );
    const [, , search] = directory.operations;
    assert.deepEqual(
      [search?.filter, search?.scope, search?.dn, search?.sizeLimit, search?.connection],
      ["(uid=ca\\2ary)", "one", PEOPLE, 2, 1],
    );
    const shown = inspect([directory, directory.operations], { depth: 10, showHidden: true });
    assert.doesNotMatch(shown, /-canary|alice-pw/);
    assert.deepEqual([directory.connections, directory.totalConnections], [1, 1]);
    directory.clearOperations();
    assert.deepEqual(directory.operations, []);
  });

  it("stop ends connections and closes the port, start goes on with the same entries", async () => {
    const directory = await start({ tls: true });
    const client = await connectTo(directory);
    directory.apply(`dn: ${ALICE}\nchangetype: modify\nreplace: title\ntitle: Boss\n`);
    const ended = once(client.socket, "close");
    await directory.stop();
    await ended;
    assert.equal(directory.connections, 0);
    await assert.rejects(LdapClient.connect(directory.port), { code: "ECONNREFUSED" });
    await assert.rejects(LdapClient.connect(directory.ldapsPort ?? 0), { code: "ECONNREFUSED" });
    await directory.start();
    const again = await connectTo(directory);
    assert.deepEqual(await names(again, "(title=boss)"), ["uid=alice"]);
  });

  it("close ends what is stalled or slow at once, and start is refused then", async () => {
    const directory = await start({ latency: 60_000 });
    const client = await connectTo(directory);
    const { answered } = client.send(encodeSearch({ base: BASE }));
    const rejected = assert.rejects(answered, /the connection ended/);
    await directory.close();
    await rejected;
    await assert.rejects(directory.start(), { name: "ConfigError" });
  });

  it("refuses a port that is taken", async () => {
    const directory = await start();
    await assert.rejects(startFixtureDirectory({ port: directory.port }), { code: "EADDRINUSE" });
  });

  it("waits before each answer, side by side", async () => {
    const directory = await start({ latency: 200 });
    const client = await connectTo(directory);
    const begun = performance.now();
    await Promise.all([1, 2, 3, 4, 5].map(() => client.search({ base: ALICE, scope: "base" })));
    const took = performance.now() - begun;
    assert.ok(took >= 195 && took < 900, `${took} ms`);
    directory.setLatency(0);
    assert.equal((await client.search({ base: ALICE })).code, 0);
  });

  it("abandons what is under way when a bind arrives, and what the client abandons", async () => {
    const directory = await start({ latency: 50 });
    const client = await connectTo(directory);
    const search = client.send(encodeSearch({ base: ALICE }));
    assert.equal((await client.bind(ALICE, "alice-pw")).code, 0);
    const other = client.send(encodeSearch({ base: ALICE }));
    client.socket.write(encodeRequest(99, integer(other.id, 0x50)));
    assert.equal((await client.whoAmI()).code, 0);
    assert.equal(directory.operations.filter(({ resultCode }) => resultCode === 0).length, 2);
    client.close();
    await assert.rejects(search.answered);
    await assert.rejects(other.answered);
  });

  it("begins nothing while a bind is being answered", async () => {
    const directory = await start({ latency: 30 });
    const client = await connectTo(directory);
    const [bound, who] = await Promise.all([client.bind(ALICE, "alice-pw"), client.whoAmI()]);
    assert.deepEqual([bound.code, who.value?.toString()], [0, `dn:${ALICE}`]);
  });
});

describe("what the directory works out", () => {
  it("memberOf follows the groups, and is returned only when asked for", async () => {
    const directory = await start();
    const client = await connectTo(directory);
    const read = async (attributes: readonly string[]) =>
      (await client.search({ base: `uid=dave,${PEOPLE}`, attributes })).entries[0]?.attributes;
    assert.deepEqual((await read(["memberOf"]))?.memberOf, [`cn=level1,ou=Groups,${BASE}`]);
    assert.equal((await read([]))?.memberOf, undefined);
    assert.equal((await read(["+"]))?.memberOf?.length, 1);
    directory.apply(
      `dn: cn=staff,ou=Groups,${BASE}\nchangetype: modify\nadd: uniqueMember\nuniqueMember: UID=Dave, ${PEOPLE}\n`,
    );
    assert.equal((await read(["memberOf"]))?.memberOf?.length, 2);
    assert.deepEqual(await names(client, `(memberOf=CN=Staff,ou=groups,${BASE})`), [
      "uid=bob",
      "uid=dave",
      "uid=sam",
    ]);
  });

  it("follows Active Directory's in-chain rule, through cycles too", async () => {
    const client = await connectTo(await start());
    const chain = "1.2.840.113556.1.4.1941";
    const group = (name: string): string => `cn=${name},ou=Groups,${BASE}`;
    assert.deepEqual(await names(client, `(&(uid=*)(memberOf:${chain}:=${group("level0")}))`), [
      "uid=carol",
      "uid=dave",
    ]);
    assert.deepEqual(await names(client, `(memberOf:${chain}:=${group("cycleA")})`), [
      "cn=cycleA",
      "cn=cycleB",
      "uid=erin",
    ]);
    assert.deepEqual(await names(client, `(member:${chain}:=uid=erin,${PEOPLE})`), [
      "cn=cycleA",
      "cn=cycleB",
    ]);
    assert.deepEqual(await names(client, `(memberOf:${chain}:=cn=nobody,${BASE})`), []);
  });

  it("follows Active Directory's bit rules", async () => {
    const directory = await startDirectory({
      ldif: "dn: cn=a\nuserAccountControl: 514\n\ndn: cn=b\nuserAccountControl: 512\n",
    });
    open.push(directory);
    const client = await connectTo(directory);
    const found = async (filter: string) =>
      Promise.all(
        ["cn=a", "cn=b"].map(
          async (base) => (await client.search({ base, filter })).entries.length,
        ),
      );
    assert.deepEqual(await found("(userAccountControl:1.2.840.113556.1.4.803:=2)"), [1, 0]);
    assert.deepEqual(await found("(userAccountControl:1.2.840.113556.1.4.803:=514)"), [1, 0]);
    assert.deepEqual(await found("(userAccountControl:1.2.840.113556.1.4.804:=514)"), [1, 1]);
    assert.deepEqual(await found("(userAccountControl:1.2.840.113556.1.4.803:=x)"), [0, 0]);
  });

  it("accepts “_” in attribute names, which slapd does not", async () => {
    const directory = await startDirectory({
      ldif: "dn: cn=a\nsmtpd_sender_restrictions: TRUE\n",
    });
    open.push(directory);
    const client = await connectTo(directory);
    const filter = "(SMTPD_sender_restrictions=true)";
    assert.equal((await client.search({ base: "cn=a", filter })).entries.length, 1);
  });
});

describe("who may do what by default", () => {
  it("keeps userPassword from everybody, in answers, filters and compares", async () => {
    const directory = await startDirectory({ ldif: "dn: cn=a\nuserPassword: secret\n" });
    open.push(directory);
    const client = await connectTo(directory);
    for (const password of ["", "secret"]) {
      assert.equal((await client.bind(password === "" ? "" : "cn=a", password)).code, 0);
      const [entry] = (
        await client.search({
          base: "cn=a",
          filter: "(cn=a)",
          attributes: ["*", "+", "userPassword", "2.5.4.35"],
        })
      ).entries;
      assert.deepEqual(entry?.attributes.cn, ["a"]);
      assert.equal(entry?.attributes.userPassword, undefined);
      for (const filter of ["(userPassword=*)", "(userPassword=secret)", "(2.5.4.35=secret)"]) {
        assert.equal((await client.search({ base: "cn=a", filter })).entries.length, 0);
        const negated = `(!${filter})`;
        assert.equal((await client.search({ base: "cn=a", filter: negated })).entries.length, 0);
      }
      assert.equal((await client.compare("cn=a", "userPassword", "secret")).code, 50);
    }
  });

  it("lets each change the own password and nothing else", async () => {
    const directory = await startDirectory({
      ldif: "dn: cn=a\nuserPassword: secret\n\ndn: cn=b\nuserPassword: secret\n",
    });
    open.push(directory);
    const client = await connectTo(directory);
    await client.bind("cn=a", "secret");
    const change = (dn: string): Buffer =>
      element(0x30, element(0x80, dn), element(0x82, "changed"));
    const oid = "1.3.6.1.4.1.4203.1.11.1";
    assert.equal((await client.extended(oid, change("cn=b"))).code, 50);
    assert.equal((await client.extended(oid, change("cn=a"))).code, 0);
    assert.equal((await client.delete("cn=b")).code, 50);
    assert.equal((await client.bind("cn=a", "secret")).code, 49);
    assert.equal((await client.bind("cn=a", "changed")).code, 0);
    assert.equal((await client.bind("cn=a", "{CLEARTEXT}changed")).code, 49);
  });

  it("anonymous: bind lets anonymous clients bind and find nothing", async () => {
    const client = await connectTo(await start({ anonymous: "bind" }));
    assert.equal((await client.bind("", "")).code, 0);
    assert.equal((await client.search({ base: BASE })).code, 50);
    assert.equal((await client.compare(ALICE, "uid", "alice")).code, 50);
    assert.equal((await client.bind(ALICE, "alice-pw")).code, 0);
    assert.equal((await client.search({ base: ALICE })).code, 0);
  });

  it("allowUnauthenticatedBind plays the server that says yes to an empty password", async () => {
    const client = await connectTo(await start({ allowUnauthenticatedBind: true }));
    assert.equal((await client.bind(ALICE, "")).code, 0);
    assert.equal((await client.whoAmI()).value?.toString(), "");
  });
});

describe("password policy", () => {
  const policy = `dn: cn=policy
objectClass: pwdPolicy
pwdMaxFailure: 2
pwdLockoutDuration: 0
pwdMaxAge: 1000
pwdExpireWarning: 500
pwdGraceAuthNLimit: 1
`;
  const user = (more: string): string =>
    `${policy}\ndn: cn=u\nuserPassword: pw\npwdPolicySubentry: cn=policy\n${more}\n`;
  const ago = (seconds: number): string =>
    new Date(Date.now() - seconds * 1000).toISOString().replaceAll(/[-T:]|\.[0-9]+/g, "");

  async function binder(ldif: string): Promise<(password: string) => Promise<[number, string]>> {
    const directory = await startDirectory({ ldif });
    open.push(directory);
    const client = await connectTo(directory);
    return async (password) => {
      const { code, controls } = await client.bind("cn=u", password, [PPOLICY]);
      return [code, controls[0]?.value?.toString("hex") ?? "none"];
    };
  }

  it("has nothing to say of an entry without a policy", async () => {
    const bind = await binder("dn: cn=u\nuserPassword: pw\n");
    assert.deepEqual(await bind("pw"), [0, "none"]);
  });

  it("locks after so many wrong passwords, for the right one too", async () => {
    const bind = await binder(user(`pwdChangedTime: ${ago(1)}`));
    assert.deepEqual(await bind("pw"), [0, "3000"]);
    assert.deepEqual(await bind("wrong"), [49, "3000"]);
    assert.deepEqual(await bind("wrong"), [49, "3000"]);
    assert.deepEqual(await bind("pw"), [49, "3003810101"]);
  });

  it("warns, then counts grace logins, then refuses", async () => {
    const warned = await binder(user(`pwdChangedTime: ${ago(700)}`));
    assert.match((await warned("pw"))[1], /^3006a00480020[01]/);
    const bind = await binder(user(`pwdChangedTime: ${ago(2000)}`));
    assert.deepEqual(await bind("pw"), [0, "3005a003810100"]);
    assert.deepEqual(await bind("pw"), [49, "3003810100"]);
  });

  it("lets who must change the password do only that", async () => {
    const directory = await startDirectory({
      ldif: "dn: cn=u\nuserPassword: pw\npwdReset: TRUE\n",
    });
    open.push(directory);
    const client = await connectTo(directory);
    const { code, controls } = await client.bind("cn=u", "pw", [PPOLICY]);
    assert.deepEqual([code, controls[0]?.value?.toString("hex")], [0, "3003810102"]);
    assert.equal((await client.search({ base: "cn=u" })).code, 50);
    const change = element(0x30, element(0x82, "changed"));
    assert.equal((await client.extended("1.3.6.1.4.1.4203.1.11.1", change)).code, 0);
    assert.equal((await client.search({ base: "cn=u" })).code, 0);
  });

  it("says what a fault tells it to, if asked", async () => {
    const directory = await start();
    directory.addFault({
      fault: "result",
      on: "bind",
      resultCode: 49,
      passwordPolicy: { error: 1 },
    });
    const client = await connectTo(directory);
    const asked = await client.bind(ALICE, "alice-pw", [PPOLICY]);
    assert.equal(asked.controls[0]?.value?.toString("hex"), "3003810101");
    assert.equal((await client.bind(ALICE, "alice-pw")).controls.length, 0);
  });
});

describe("hostile clients", () => {
  it("are sent away with a notice, whatever they send that is no LDAP", async () => {
    const directory = await start();
    const deep = Array.from({ length: 5000 }).reduce<Buffer>(
      (inner) => element(0xa2, inner),
      element(0x87, "cn"),
    );
    const search = (filter: Buffer): Buffer =>
      element(
        0x63,
        element(0x04, BASE),
        integer(2, 0x0a),
        integer(0, 0x0a),
        integer(0),
        integer(0),
        element(0x01, Buffer.of(0)),
        filter,
        element(0x30),
      );
    const hostile = [
      Buffer.from("GET / HTTP/1.1\r\n\r\n"),
      Buffer.alloc(64, 0xff),
      Buffer.from("3080020101420000", "hex"),
      Buffer.from("3084ffffffff020101", "hex"),
      Buffer.from("308501ffffffff", "hex"),
      encodeRequest(1, element(0x7f, "x")),
      element(0x30, element(0x02, Buffer.alloc(9, 1)), element(0x42)),
      element(0x30, element(0x02, "")),
      encodeRequest(1, element(0x60, "x")),
      encodeRequest(1, encodeBind("x", element(0x99, "x"))),
      encodeRequest(1, search(deep)),
      encodeRequest(1, search(element(0xa4, element(0x04, "cn"), element(0x30)))),
      encodeRequest(1, element(0x63, element(0x04, Buffer.of(0xff, 0xfe)))),
    ];
    for (const bytes of hostile) {
      const socket = connect(directory.port, "127.0.0.1");
      socket.on("error", () => {});
      const received: Buffer[] = [];
      socket.on("data", (chunk) => received.push(chunk));
      socket.write(bytes);
      await once(socket, "close");
      const text = Buffer.concat(received).toString("latin1");
      assert.match(text, /1\.3\.6\.1\.4\.1\.1466\.20036/, bytes.toString("hex").slice(0, 40));
    }
    const client = await connectTo(directory);
    assert.equal((await client.bind(ALICE, "alice-pw")).code, 0);
  });

  it("survives any bytes, and any change of a good message", async () => {
    const directory = await start();
    const good = Buffer.concat([
      encodeRequest(1, encodeBind(ALICE, element(0x80, "wrong"))),
      encodeRequest(2, encodeSearch({ base: BASE, filter: "(&(uid=a*b)(!(cn:dn:=x)))" })),
    ]);
    const changes = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), changes, async (noise, places) => {
        const changed = Buffer.from(good);
        for (const [place, value] of places) changed.writeUInt8(value, place);
        for (const bytes of [Buffer.from(noise), changed]) {
          const socket = connect(directory.port, "127.0.0.1");
          socket.on("error", () => {});
          socket.resume();
          socket.end(bytes);
          await once(socket, "close");
        }
      }),
      { numRuns: 150 },
    );
    assert.ok(directory.operations.every(({ who }) => who === ""));
    const client = await connectTo(directory);
    assert.equal((await client.bind(ALICE, "alice-pw")).code, 0);
  });

  it("survives what is no TLS, on the ldaps port and after StartTLS", async () => {
    const directory = await start({ tls: true });
    const startTls = encodeRequest(1, element(0x77, element(0x80, "1.3.6.1.4.1.1466.20037")));
    const noTls = encodeRequest(2, encodeBind(ALICE, element(0x80, "alice-pw")));
    const direct = connect(directory.ldapsPort ?? 0, "127.0.0.1");
    const upgraded = connect(directory.port, "127.0.0.1");
    upgraded.write(startTls);
    await once(upgraded, "data");
    for (const socket of [direct, upgraded]) {
      socket.on("error", () => {});
      socket.resume();
      socket.write(noTls);
      await once(socket, "close");
    }
    // What is sent in clear right behind the request is not taken for something that came over TLS.
    const hasty = connect(directory.port, "127.0.0.1");
    hasty.on("error", () => {});
    hasty.resume();
    hasty.end(Buffer.concat([startTls, noTls]));
    await once(hasty, "close");
    assert.deepEqual(
      directory.operations.map(({ operation }) => operation),
      ["starttls", "starttls"],
    );
    const client = await connectTo(directory);
    assert.equal((await client.startTls(directory.ca ?? "")).code, 0);
  });

  it("takes a message that arrives byte by byte", async () => {
    const directory = await start();
    const socket = connect(directory.port, "127.0.0.1");
    socket.setNoDelay(true);
    open.push({ close: () => socket.destroy() });
    for (const byte of encodeRequest(1, encodeBind(ALICE, element(0x80, "alice-pw")))) {
      socket.write(Buffer.of(byte));
    }
    const [answer] = await once(socket, "data");
    assert.equal(answer.toString("hex"), "300c02010161070a010004000400");
  });
});
