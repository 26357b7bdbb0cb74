import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RequestFacts } from "../../../src/authorization/request-facts.ts";
import { ConfigError } from "../../../src/errors.ts";
import { CannotTell } from "../../../src/expressions/cannot-tell.ts";
import type { EnvironmentStep } from "../../../src/importers/apache/access.ts";
import { prepareEnvironment } from "../../../src/web/as-httpd/environment-steps.ts";
import { httpdExpressions, variablesWith } from "../../support/httpd-expressions.ts";

function factsWith(headers: Readonly<Record<string, string>>): RequestFacts {
  return {
    ...variablesWith(headers),
    method: "GET",
    clientAddress: "127.0.0.1",
    serverAddress: "127.0.0.1",
  };
}

/** A directive's words without quotes and doubled backslashes. */
function stepOf(line: string): EnvironmentStep {
  const words = Array.from(line.matchAll(/"([^"]*)"|(\S+)/g), ([, quoted, plain = ""]) =>
    (quoted ?? plain).replaceAll("\\\\", "\\"),
  );
  const [directive = "", first = "", second = "", ...rest] = words;
  const ignoreCase = directive.endsWith("NoCase");
  switch (directive) {
    case "SetEnv":
      return { when: "late", set: [[first, second]] };
    case "UnsetEnv":
      return { when: "late", unset: [first] };
    case "SetEnvIfExpr":
      return { when: "early", of: { expression: first }, assignments: [second, ...rest] };
    case "BrowserMatch":
    case "BrowserMatchNoCase": {
      const pattern = { source: first, ignoreCase };
      return { when: "early", of: "User-Agent", pattern, assignments: [second, ...rest] };
    }
    default: {
      const pattern = { source: second, ignoreCase };
      return { when: "early", of: first, pattern, assignments: rest };
    }
  }
}

describe("prepareEnvironment, beside a real httpd", () => {
  for (const { lines, headers, result } of httpdExpressions().environment) {
    it(`makes ${result} of ${lines.join(" ⏎ ")} with ${JSON.stringify(headers)}`, () => {
      const { early, late } = prepareEnvironment(lines.map(stepOf))(factsWith(headers));
      const all = [...early.values(), ...late()];
      const values = ["v", "w", "z"].map(
        (name) => all.find((variable) => variable.name.toLowerCase() === name)?.value ?? "",
      );
      assert.equal(values.join("|"), result);
    });
  }
});

describe("prepareEnvironment", () => {
  const early = (line: string, headers: Readonly<Record<string, string>>) =>
    prepareEnvironment([stepOf(line)])(factsWith(headers)).early;

  it("keeps what SetEnv sets out of reach of the rules", () => {
    const environment = prepareEnvironment([stepOf("SetEnv GRP admins")])(factsWith({}));
    assert.equal(environment.early.size, 0);
    assert.deepEqual(environment.late(), [{ name: "GRP", value: "admins" }]);
  });

  it("keeps - and ; in a name", () => {
    assert.deepEqual(early("SetEnvIf X a WEB-ROLE;x=1", { X: "a" }).get("web-role;x"), {
      name: "WEB-ROLE;x",
      value: "1",
    });
  });

  it("does not read again what a visitor sent", () => {
    assert.equal(early("SetEnvIf X (.*) V=$1", { X: "$0 \\x !" }).get("v")?.value, "$0 \\x !");
  });

  it("does not let a visitor unset what starts with what they sent", () => {
    assert.equal(early("SetEnvIf X (.*) V=$1", { X: "!V" }).get("v")?.value, "!V");
  });

  it("starts anew with each request", () => {
    const prepare = prepareEnvironment([stepOf("SetEnvIf X a V=1")]);
    assert.equal(prepare(factsWith({ X: "a" })).early.size, 1);
    assert.equal(prepare(factsWith({})).early.size, 0);
  });

  it("cannot tell for a header that is too long to match", () => {
    const line = "SetEnvIf X [ab]{500}c V=1";
    assert.throws(() => early(line, { X: "a".repeat(100_000) }), CannotTell);
    assert.equal(early(line, { X: `${"a".repeat(500)}c` }).size, 1);
  });

  it("refuses at start what it can't honour", () => {
    for (const line of [
      "SetEnvIf Remote_Host example V=1",
      "SetEnvIf ^X-.* a V=1",
      "SetEnvIf X (a)\\1 V=1",
      `SetEnvIfExpr "%{REMOTE_HOST} == 'a'" V=1`,
    ]) {
      assert.throws(() => prepareEnvironment([stepOf(line)]), ConfigError);
    }
  });
});
