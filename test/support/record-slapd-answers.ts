// Run by hand after a change of the cases: node test/support/record-slapd-answers.ts
import { writeFile } from "node:fs/promises";
import type { Outcome } from "./conformance-cases.ts";
import { conformanceSuites, runCase } from "./conformance-suites.ts";

const recorded: Record<string, Record<string, readonly Outcome[]>> = {};
for (const suite of conformanceSuites) {
  const server = await suite.startReal();
  const answers: Record<string, readonly Outcome[]> = {};
  for (const [name, steps] of Object.entries(suite.cases)) {
    answers[name] = await runCase(server, steps);
  }
  recorded[suite.name] = answers;
  await server.close();
}
const file = new URL("../fixtures/slapd-answers.json", import.meta.url);
await writeFile(file, `${JSON.stringify(recorded, undefined, 1)}\n`);
