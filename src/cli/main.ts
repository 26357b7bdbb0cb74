#!/usr/bin/env node
import { readArguments, USAGE } from "./read-arguments.ts";
import { runImport } from "./run-import.ts";
import { runPostmap } from "./run-postmap.ts";

const asked = readArguments(process.argv.slice(2));
if (asked.kind === "help") {
  process.stdout.write(USAGE);
} else if (asked.kind === "wrong") {
  process.stderr.write(`authnz-ldap: ${asked.message}\n\n${USAGE}`);
  process.exitCode = 2;
} else if (asked.kind === "postmap") {
  process.exitCode = await runPostmap(asked, {
    input: process.stdin,
    output: (text) => process.stdout.write(text),
    report: (text) => process.stderr.write(text),
  });
} else {
  const { status, output, report } = runImport(asked);
  process.stderr.write(report);
  process.stdout.write(output);
  process.exitCode = status;
}
