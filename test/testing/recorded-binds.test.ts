import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startDirectory, type TestDirectory } from "../../src/testing/index.ts";
import { LdapClient } from "../support/ldap-client.ts";
import {
  type RecordedBind,
  recordedBinds,
  recordedCode,
  recordedPeople,
} from "../support/recorded-binds.ts";

const BASE = "ou=People,dc=example,dc=org";
const TREE = `dn: dc=example,dc=org
objectClass: dcObject
objectClass: organization
dc: example
o: Example

${recordedPeople(BASE)}`;
const RECORDED = recordedBinds(BASE);

/** What the built-in directory refuses and slapd accepts: no well-kept library computes yescrypt. */
const isYescrypt = ({ stored }: RecordedBind): boolean => String(stored).startsWith("{CRYPT}$y$");

describe("a simple bind with what slapd was recorded to say", () => {
  let directory: TestDirectory;
  before(async () => {
    directory = await startDirectory({ ldif: TREE });
  });
  after(() => directory.close());

  const kinds = [...new Set(RECORDED.map(({ kind }) => kind))];
  for (const kind of kinds) {
    it(`gets the same answer: ${kind}`, async () => {
      const client = await LdapClient.connect(directory.port);
      for (const recorded of RECORDED.filter((each) => each.kind === kind)) {
        const { code } = await client.bind(recorded.bindDn, recorded.password);
        const expected = isYescrypt(recorded) && recorded.ok ? 49 : recordedCode(recorded);
        assert.equal(code, expected, JSON.stringify(recorded));
      }
      client.close();
    });
  }

  it("are all that there are, of each outcome", () => {
    assert.equal(RECORDED.length, 739);
    assert.equal(RECORDED.filter((each) => isYescrypt(each) && each.ok).length, 4);
    assert.deepEqual(
      [...new Set(RECORDED.map(recordedCode))].sort((a, b) => a - b),
      [0, 34, 49, 53],
    );
  });
});
