import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { element, integer, readElements } from "../../src/testing/ber-element.ts";
import type { Certificate } from "../../src/testing/index.ts";
import type { Control } from "../../src/testing/message.ts";
import { administrator } from "./fixture-directory.ts";
import { type Answer, encodeBind, LdapClient } from "./ldap-client.ts";

/** A directory with TLS, on the tests' tree. */
export interface TlsServer {
  readonly port: number;
  readonly ldapsPort: number | undefined;
  readonly ca: string | undefined;
  close(): Promise<void>;
}

const PEOPLE = "ou=People,dc=domain,dc=org";
const ALICE = `uid=alice,${PEOPLE}`;
const PAGED_RESULTS = "1.2.840.113556.1.4.319";
const START_TLS = "1.3.6.1.4.1.1466.20037";
const PASSWORD_MODIFY = "1.3.6.1.4.1.4203.1.11.1";

/** What goes on below the operations, which must be the same with the built-in directory as with slapd. */
export function describeConnections(
  name: string,
  skip: string | false,
  start: () => Promise<{ server: TlsServer; clientCertificate: Certificate }>,
): void {
  describe(name, { skip }, () => {
    let server: TlsServer;
    let clientCertificate: Certificate;
    const clients: LdapClient[] = [];

    before(async () => {
      ({ server, clientCertificate } = await start());
    });
    after(async () => {
      for (const client of clients) client.close();
      await server.close();
    });

    async function open(): Promise<LdapClient> {
      const client = await LdapClient.connect(server.port);
      clients.push(client);
      return client;
    }

    it("goes on over TLS after StartTLS, and refuses a second one", async () => {
      const client = await open();
      assert.equal((await client.startTls(server.ca ?? "")).code, 0);
      assert.equal((await client.bind(ALICE, "alice-pw")).code, 0);
      assert.equal(identity(await client.whoAmI()), ALICE.toLowerCase());
      assert.equal((await client.extended(START_TLS)).code, 1);
      assert.equal((await client.bind(ALICE, "wrong")).code, 49);
    });

    it("speaks TLS from the first byte on the ldaps port", async () => {
      const client = await LdapClient.connect(server.ldapsPort ?? 0, server.ca);
      clients.push(client);
      assert.equal((await client.bind(ALICE, "alice-pw")).code, 0);
      assert.equal((await client.extended(START_TLS)).code, 1);
    });

    it("shows a certificate that no other authority issued", async () => {
      const other = clientCertificate.cert;
      await assert.rejects(LdapClient.connect(server.ldapsPort ?? 0, other), {
        code: /^(SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE)$/,
      });
    });

    it("takes the client certificate's subject for SASL EXTERNAL", async () => {
      const client = await open();
      await client.startTls(server.ca ?? "", clientCertificate);
      // Without a first response, the server asks for it.
      assert.equal((await client.bindExternal()).code, 14);
      assert.equal((await client.bindExternal("")).code, 0);
      const service = "cn=reader,ou=services,dc=domain,dc=org";
      assert.equal(identity(await client.whoAmI()), service);
      const compared = await client.compare(ALICE, "secretCode", "alice-secret");
      assert.equal(compared.code, 6);
    });

    it("refuses SASL EXTERNAL without a certificate, and any other mechanism", async () => {
      const client = await open();
      assert.notEqual((await client.bindExternal("")).code, 0);
      await client.startTls(server.ca ?? "");
      assert.notEqual((await client.bindExternal("")).code, 0);
      assert.notEqual((await client.bindExternal(`dn:${ALICE}`)).code, 0);
      const sasl = element(0xa3, element(0x04, "NONSENSE"));
      assert.equal((await client.request(encodeBind("", sasl))).code, 7);
      assert.equal(identity(await client.whoAmI()), "");
    });

    it("gives pages that together are everything, once", async () => {
      const client = await open();
      const query = { base: PEOPLE, filter: "(uid=*)", attributes: ["1.1"] };
      const all = await client.search(query);
      const found: string[] = [];
      let cookie: Buffer = Buffer.alloc(0);
      let pages = 0;
      do {
        const answer = await client.search(query, [page(10, cookie)]);
        assert.equal(answer.code, 0);
        assert.ok(answer.entries.length <= 10);
        found.push(...answer.entries.map(({ dn }) => dn));
        cookie = cookieOf(answer);
        pages += 1;
      } while (cookie.length > 0 && pages < 100);
      assert.equal(pages, Math.ceil(all.entries.length / 10));
      assert.deepEqual(found.sort(), all.entries.map(({ dn }) => dn).sort());
    });

    it("refuses a cookie that is made up", async () => {
      const client = await open();
      const query = { base: PEOPLE, filter: "(uid=*)", attributes: ["1.1"] };
      const answer = await client.search(query, [page(10, Buffer.from("12345678"))]);
      assert.notEqual(answer.code, 0);
      assert.equal(answer.entries.length, 0);
    });

    it("refuses a critical control that it does not know, and ignores another one", async () => {
      const client = await open();
      const query = { base: ALICE, scope: "base" } as const;
      const control = { oid: "1.2.3.4.5", critical: true };
      assert.equal((await client.search(query, [control])).code, 12);
      assert.equal((await client.bind(ALICE, "alice-pw", [control])).code, 12);
      assert.equal((await client.search(query, [{ ...control, critical: false }])).code, 0);
    });

    it("refuses LDAPv2 and versions to come", async () => {
      const client = await open();
      for (const version of [1, 2, 4]) {
        const bind = encodeBind(ALICE, element(0x80, "alice-pw"), version);
        assert.equal((await client.request(bind)).code, 2);
      }
    });

    it("changes a password for who may, and the old one is a wrong one then", async () => {
      const client = await open();
      const dave = `uid=dave,${PEOPLE}`;
      const change = (newPassword: string, oldPassword?: string): Buffer =>
        element(
          0x30,
          element(0x80, dave),
          ...(oldPassword === undefined ? [] : [element(0x81, oldPassword)]),
          element(0x82, newPassword),
        );
      assert.notEqual((await client.extended(PASSWORD_MODIFY, change("x"))).code, 0);
      await client.bind(ALICE, "alice-pw");
      assert.equal((await client.extended(PASSWORD_MODIFY, change("x"))).code, 50);
      await client.bind(administrator.dn, administrator.password);
      assert.equal((await client.extended(PASSWORD_MODIFY, change("neu €", "wrong"))).code, 53);
      assert.equal((await client.extended(PASSWORD_MODIFY, change("neu €", "dave-pw"))).code, 0);
      assert.equal((await client.bind(dave, "dave-pw")).code, 49);
      assert.equal((await client.bind(dave, "neu €")).code, 0);
    });

    it("answers several operations that were sent at once, in order", async () => {
      const client = await open();
      const answers = await Promise.all([
        client.compare(ALICE, "uid", "alice"),
        client.compare(ALICE, "uid", "bob"),
        client.compare(`uid=nobody,${PEOPLE}`, "uid", "bob"),
      ]);
      assert.deepEqual(
        answers.map(({ code }) => code),
        [6, 5, 32],
      );
    });
  });
}

function identity({ value }: Answer): string {
  return (value?.toString() ?? "").toLowerCase().replace(/^dn:/, "");
}

function page(size: number, cookie: Buffer): Control {
  const value = element(0x30, integer(size), element(0x04, cookie));
  return { oid: PAGED_RESULTS, critical: true, value };
}

function cookieOf({ controls }: Answer): Buffer {
  const value = controls.find(({ oid }) => oid === PAGED_RESULTS)?.value ?? Buffer.alloc(0);
  const [sequence] = readElements(value);
  const [, cookie] = readElements(sequence?.content ?? Buffer.alloc(0));
  return Buffer.from(cookie?.content ?? "");
}
