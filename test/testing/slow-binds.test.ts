import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { element } from "../../src/testing/ber-element.ts";
import { startDirectory, type TestDirectory } from "../../src/testing/index.ts";
import { eventually } from "../support/eventually.ts";
import { encodeBind, LdapClient } from "../support/ldap-client.ts";

/** Takes about 50 ms. */
const SLOW = "{CRYPT}$2y$10$KTHMbDlrjKoXFndOTafO..3.fApRfKW/zHS/zyUzChL/p25KgUX/e";
const PASSWORD = "slow-pw";
const PASSWORD_MODIFY = "1.3.6.1.4.1.4203.1.11.1";

const simple = (dn: string, password: string): Buffer => encodeBind(dn, element(0x80, password));

describe("a password that takes time to check", () => {
  let directory: TestDirectory;
  let client: LdapClient;
  before(async () => {
    const person = (name: string) => `dn: cn=${name}\ncn: ${name}\nuserPassword: ${SLOW}\n`;
    directory = await startDirectory({
      ldif: `${person("slow")}\n${person("other")}\n${person("gone")}\ndn: cn=fast\ncn: fast\nuserPassword: fast-pw\n`,
    });
  });
  after(async () => {
    client?.close();
    await directory.close();
  });
  const connect = async (): Promise<LdapClient> => {
    client?.close();
    client = await LdapClient.connect(directory.port);
    return client;
  };

  const whoIs = async (): Promise<string> => String((await client.whoAmI()).value);

  it("is checked", async () => {
    await connect();
    assert.equal((await client.bind("cn=slow", "slow-px")).code, 49);
    assert.equal((await client.bind("cn=slow", PASSWORD)).code, 0);
  });

  it("lets what comes behind it wait, and ask as who has bound", async () => {
    await connect();
    const bound = client.send(simple("cn=slow", PASSWORD)).answered;
    const who = whoIs();
    assert.equal((await bound).code, 0);
    assert.equal(await who, "dn:cn=slow");
  });

  it("does not make somebody of a connection that has bound as nobody since", async () => {
    await connect();
    client.send(simple("cn=slow", PASSWORD)).answered.catch(() => {});
    const anonymous = client.send(simple("", "")).answered;
    assert.equal((await anonymous).code, 0);
    // It takes as long again, so that the first one is decided by now.
    const other = await LdapClient.connect(directory.port);
    assert.equal((await other.bind("cn=slow", PASSWORD)).code, 0);
    assert.equal((await other.bind("cn=slow", PASSWORD)).code, 0);
    other.close();
    assert.equal(await whoIs(), "");
  });

  it("lets nobody in whose entry has gone meanwhile", async () => {
    await connect();
    const bound = client.send(simple("cn=gone", PASSWORD)).answered;
    await eventually(() => directory.operations.some(({ dn }) => dn === "cn=gone"));
    directory.apply("dn: cn=gone\nchangetype: delete\n");
    assert.equal((await bound).code, 49);
    assert.equal(await whoIs(), "");
  });

  it("may be changed, and is stored as {SSHA}; what comes behind it waits", async () => {
    await connect();
    assert.equal((await client.bind("cn=other", PASSWORD)).code, 0);
    const change = element(0x30, element(0x81, PASSWORD), element(0x82, "new-pw"));
    const changed = client.extended(PASSWORD_MODIFY, change);
    const read = client.search({
      ...{ base: "cn=other", filter: "(cn=other)", attributes: ["pwdChangedTime"] },
    });
    assert.equal((await changed).code, 0);
    assert.equal((await read).entries[0]?.attributes.pwdChangedTime?.length, 1);
    const stored = directory.entry("cn=other")?.attributes.get("userpassword");
    assert.match(String(stored), /^\{SSHA\}[A-Za-z0-9+/]+=*$/);
    assert.equal((await client.bind("cn=other", PASSWORD)).code, 49);
    assert.equal((await client.bind("cn=other", "new-pw")).code, 0);
  });

  it("is not changed by who gives another old one", async () => {
    await connect();
    assert.equal((await client.bind("cn=slow", PASSWORD)).code, 0);
    const change = element(0x30, element(0x81, "slow-px"), element(0x82, "new-pw"));
    assert.equal((await client.extended(PASSWORD_MODIFY, change)).code, 53);
    assert.equal((await client.bind("cn=slow", PASSWORD)).code, 0);
  });
});
