import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  conformanceSuites,
  readRecordedAnswers,
  runCase,
  type Server,
} from "../support/conformance-suites.ts";
import { describeConnections } from "../support/connection-suite.ts";
import { slapd, startSlapd } from "../support/slapd.ts";

const recorded = readRecordedAnswers();

for (const suite of conformanceSuites) {
  describe(`slapd answers as recorded: ${suite.name}`, { skip: slapd.skip }, () => {
    let server: Server;
    before(async () => {
      server = await suite.startReal();
    });
    after(() => server.close());

    for (const [name, steps] of Object.entries(suite.cases)) {
      it(name, async () => {
        const outcomes = await runCase(server, steps);
        for (const [index, step] of steps.entries()) {
          assert.deepEqual(
            outcomes[index],
            recorded[suite.name]?.[name]?.[index],
            JSON.stringify(step),
          );
        }
      });
    }
  });
}

describeConnections("connections to slapd", slapd.skip, async () => {
  const server = await startSlapd();
  const subject = "cn=reader,ou=Services,dc=domain,dc=org";
  return { server, clientCertificate: server.authority.issue({ subject, hosts: [] }) };
});
