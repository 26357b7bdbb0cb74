import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createCertificateAuthority } from "../../src/testing/index.ts";
import {
  conformanceSuites,
  readRecordedAnswers,
  runCase,
  type Server,
} from "../support/conformance-suites.ts";
import { describeConnections } from "../support/connection-suite.ts";
import { startFixtureDirectory } from "../support/fixture-directory.ts";

const recorded = readRecordedAnswers();

for (const suite of conformanceSuites) {
  describe(`the built-in directory answers as slapd did: ${suite.name}`, () => {
    let server: Server;
    before(async () => {
      server = await suite.startBuiltIn();
    });
    after(() => server.close());

    for (const [name, steps] of Object.entries(suite.cases)) {
      it(name, async () => {
        const outcomes = await runCase(server, steps);
        for (const [index, step] of steps.entries()) {
          const expected = recorded[suite.name]?.[name]?.[index];
          assert.ok(expected, "recorded; run test/support/record-slapd-answers.ts");
          assert.deepEqual(outcomes[index], expected, JSON.stringify(step));
        }
      });
    }
  });
}

describeConnections("connections to the built-in directory", false, async () => {
  const authority = createCertificateAuthority();
  const server = await startFixtureDirectory({
    tls: { ...authority.issue(), ca: authority.cert },
  });
  const subject = "cn=reader,ou=Services,dc=domain,dc=org";
  return { server, clientCertificate: authority.issue({ subject, hosts: [] }) };
});
