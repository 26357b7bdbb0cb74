import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect, isIP } from "node:net";
import { afterEach, describe, it } from "node:test";
import { connect as connectTls } from "node:tls";
import { element } from "../../src/testing/ber-element.ts";
import type { BadCertificate, Fault, TestDirectory } from "../../src/testing/index.ts";
import { startFixtureDirectory } from "../support/fixture-directory.ts";
import { encodeBind, encodeRequest, encodeSearch, LdapClient } from "../support/ldap-client.ts";

const ALICE = "uid=alice,ou=People,dc=domain,dc=org";
const BOB = "uid=bob,ou=People,dc=domain,dc=org";
const START_TLS = "1.3.6.1.4.1.1466.20037";

describe("faults", () => {
  const open: { close(): unknown }[] = [];
  afterEach(async () => {
    for (const each of open.splice(0).reverse()) await each.close();
  });

  async function start(...faults: readonly Fault[]): Promise<TestDirectory> {
    const directory = await startFixtureDirectory({ tls: true, faults });
    open.push(directory);
    return directory;
  }

  async function connectTo(directory: TestDirectory): Promise<LdapClient> {
    const client = await LdapClient.connect(directory.port);
    open.push(client);
    return client;
  }

  it("reset ends the connection with a TCP reset", async () => {
    const directory = await start({ fault: "reset", on: "search" });
    const client = await connectTo(directory);
    assert.equal((await client.bind(ALICE, "alice-pw")).code, 0);
    const reset = once(client.socket, "error");
    const answer = client.search({ base: ALICE });
    await assert.rejects(answer, /the connection ended/);
    const [error] = await reset;
    assert.equal(error.code, "ECONNRESET");
  });

  it("close ends it with a FIN", async () => {
    const directory = await start({ fault: "close", on: "bind" });
    const client = await connectTo(directory);
    client.socket.once("error", (error) => assert.fail(error));
    await assert.rejects(client.bind(ALICE, "alice-pw"), /the connection ended/);
  });

  it("stall leaves one operation unanswered and others not", async () => {
    const directory = await start({ fault: "stall", on: "search", times: 1 });
    const client = await connectTo(directory);
    let isAnswered = false;
    const { answered } = client.send(encodeSearch({ base: ALICE }));
    answered.then(
      () => {
        isAnswered = true;
      },
      () => {},
    );
    assert.equal((await client.search({ base: BOB })).code, 0);
    assert.equal(isAnswered, false);
  });

  it("stall on connect accepts and says nothing, on the ldaps port too", async () => {
    const directory = await start({ fault: "stall", on: "connect", times: 2 });
    for (const port of [directory.port, directory.ldapsPort ?? 0]) {
      const socket = connect(port, "127.0.0.1");
      await once(socket, "connect");
      socket.on("data", () => assert.fail("an answer"));
      socket.write(encodeRequest(1, encodeBind(ALICE, element(0x80, "alice-pw"))));
      socket.end();
      await once(socket, "close");
    }
    const client = await connectTo(directory);
    assert.equal((await client.bind(ALICE, "alice-pw")).code, 0);
  });

  it("slow-bytes sends the answer byte by byte", async () => {
    const directory = await start({ fault: "slow-bytes", on: "bind" });
    const client = await connectTo(directory);
    let chunks = 0;
    client.socket.on("data", () => {
      chunks += 1;
    });
    assert.equal((await client.bind(ALICE, "alice-pw")).code, 0);
    assert.ok(chunks > 5, `${chunks} pieces`);
  });

  it("garbage is no LDAP", async () => {
    const directory = await start({ fault: "garbage", on: "bind" });
    const socket = connect(directory.port, "127.0.0.1");
    open.push({ close: () => socket.destroy() });
    socket.write(encodeRequest(1, encodeBind(ALICE, element(0x80, "alice-pw"))));
    const [bytes] = await once(socket, "data");
    assert.match(bytes.toString("latin1"), /^HTTP\/1\.1 400/);
  });

  it("result answers any code, for one DN, so many times", async () => {
    const directory = await start({
      fault: "result",
      on: "bind",
      dn: "UID=Alice, ou=people,dc=domain,dc=org",
      times: 2,
      resultCode: 51,
      message: "busy",
    });
    const client = await connectTo(directory);
    const answer = await client.bind(ALICE, "alice-pw");
    assert.deepEqual([answer.code, answer.message], [51, "busy"]);
    assert.equal((await client.bind(BOB, "bob-pw")).code, 0);
    assert.equal((await client.bind(ALICE, "alice-pw")).code, 51);
    assert.equal((await client.bind(ALICE, "alice-pw")).code, 0);
  });

  it("result with code 0 plays the server that lets everybody in", async () => {
    const directory = await start({ fault: "result", on: "bind", resultCode: 0 });
    const client = await connectTo(directory);
    assert.equal((await client.bind(ALICE, "wrong")).code, 0);
    assert.equal((await client.whoAmI()).value?.toString(), `dn:${ALICE}`);
  });

  it("a fault that is taken away happens no more", async () => {
    const directory = await start();
    const client = await connectTo(directory);
    const remove = directory.addFault({ fault: "result" });
    assert.equal((await client.bind(ALICE, "alice-pw")).code, 52);
    remove();
    assert.equal((await client.bind(ALICE, "alice-pw")).code, 0);
  });

  it("extended is every extended operation, and whoami only that", async () => {
    const directory = await start({ fault: "result", on: "extended", times: 1 });
    directory.addFault({ fault: "result", on: "whoami", resultCode: 80 });
    const client = await connectTo(directory);
    assert.equal((await client.whoAmI()).code, 52);
    assert.equal((await client.whoAmI()).code, 80);
    assert.equal((await client.extended("1.2.3")).code, 2);
  });

  it("refuse-starttls refuses, and the connection stays in clear", async () => {
    const directory = await start({ fault: "refuse-starttls" });
    const client = await connectTo(directory);
    assert.equal((await client.startTls(directory.ca ?? "")).code, 2);
    assert.equal((await client.bind(ALICE, "alice-pw")).code, 0);
    assert.equal(directory.operations.at(-1)?.secure, false);
  });

  it("close-during-starttls agrees and goes away", async () => {
    const directory = await start({ fault: "close-during-starttls" });
    const client = await connectTo(directory);
    const ended = once(client.socket, "close");
    assert.equal((await client.extended(START_TLS)).code, 0);
    await ended;
  });

  it("stall-during-starttls agrees and says nothing more", async () => {
    const directory = await start({ fault: "stall-during-starttls" });
    const client = await connectTo(directory);
    assert.equal((await client.extended(START_TLS)).code, 0);
    client.socket.on("data", () => assert.fail("an answer"));
    client.socket.write(encodeRequest(9, encodeSearch({ base: ALICE })));
    // Another connection's answer shows that the directory had the time to answer this one.
    const other = await connectTo(directory);
    assert.equal((await other.search({ base: ALICE })).code, 0);
    assert.equal(directory.operations.filter(({ operation }) => operation === "search").length, 1);
  });

  it("inject-after-starttls sends a forged bind answer in clear behind its yes", async () => {
    const directory = await start({ fault: "inject-after-starttls" });
    const socket = connect(directory.port, "127.0.0.1");
    open.push({ close: () => socket.destroy() });
    socket.write(encodeRequest(1, element(0x77, element(0x80, START_TLS))));
    const [bytes] = await once(socket, "data");
    assert.match(bytes.toString("hex"), /^30..02010178.*30..02010261070a0100/);
  });

  const causes: readonly (readonly [BadCertificate, string])[] = [
    ["expired", "CERT_HAS_EXPIRED"],
    ["not-yet-valid", "CERT_NOT_YET_VALID"],
    ["wrong-host", "ERR_TLS_CERT_ALTNAME_INVALID"],
    ["unknown-ca", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
    ["self-signed", "DEPTH_ZERO_SELF_SIGNED_CERT"],
  ];
  for (const [certificate, code] of causes) {
    it(`bad-certificate: ${certificate} is refused for that reason, the next one accepted`, async () => {
      const directory = await start({ fault: "bad-certificate", certificate, times: 2 });
      const ca = directory.ca ?? "";
      const ldapsPort = directory.ldapsPort ?? 0;
      await assert.rejects(LdapClient.connect(ldapsPort, ca), { code });
      const client = await connectTo(directory);
      await assert.rejects(client.startTls(ca), { code });
      open.push(await LdapClient.connect(ldapsPort, ca));
    });
  }

  it("shows a certificate for localhost, 127.0.0.1 and ::1 otherwise", async () => {
    const directory = await start();
    const port = directory.ldapsPort ?? 0;
    for (const host of ["localhost", "127.0.0.1", "::1"]) {
      const socket = connectTls({
        socket: connect(port, "127.0.0.1"),
        ca: directory.ca ?? "",
        // Node 22.23's own check finds no IPv6 address in any certificate.
        checkServerIdentity: (_host, { raw }) => {
          const certificate = new X509Certificate(raw);
          const isFor = isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host);
          return isFor ? undefined : new Error(`not for ${host}`);
        },
      });
      await once(socket, "secureConnect");
      assert.equal(socket.authorized, true);
      socket.destroy();
    }
  });
});
