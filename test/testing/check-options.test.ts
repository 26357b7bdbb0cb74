import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { startDirectory } from "../../src/testing/index.ts";

const ldif = "dn: dc=test\nobjectClass: domain\ndc: test\n";

const WRONG_FAULTS: readonly (readonly [fault: unknown, message: RegExp])[] = [
  [{ fault: "resett" }, /fault is unknown: known are reset, /],
  [{ fault: "reset", on: "serach" }, /on is unknown: .*search/],
  [{ fault: "result", on: "connect" }, /can't be "connect"/],
  [{ fault: "reset", time: 1 }, /time is unknown: .*times/],
  [{ fault: "reset", times: "1" }, /times must be of type number/],
  [{ fault: "bad-certificate", certificate: "old" }, /certificate is unknown: .*expired/],
  [{ fault: "result", passwordPolicy: { eror: 1 } }, /eror is unknown: .*error/],
  [{ on: "search" }, /fault is missing/],
  ["reset", /must be an object/],
];

const WRONG_OPTIONS: readonly (readonly [options: unknown, message: RegExp])[] = [
  [undefined, /options must be an object/],
  [{}, /ldif is missing/],
  [{ ldif, anonymus: "refuse" }, /anonymus is unknown: .*anonymous/],
  [{ ldif, anonymous: "no" }, /anonymous is unknown: known are read, bind, refuse/],
  [{ ldif, toString: 1 }, /toString is unknown/],
  [{ ldif, access: true }, /access must be of type function/],
  [{ ldif, tls: "yes" }, /tls must be an object/],
  [{ ldif, administrator: { dn: "cn=a" } }, /administrator\.password is missing/],
  [{ ldif, faults: { fault: "reset" } }, /faults must be of type array/],
  ...WRONG_FAULTS.map(([fault, message]) => [{ ldif, faults: [fault] }, message] as const),
];

describe("a directory's options", () => {
  for (const [options, message] of WRONG_OPTIONS) {
    it(`are refused: ${JSON.stringify(options)}`, async () => {
      await assert.rejects(startDirectory(options as never), { name: "ConfigError", message });
    });
  }

  it("are refused where a fault is added later, too", async (test) => {
    const directory = await startDirectory({ ldif, faults: [{ fault: "reset", on: "bind" }] });
    test.after(() => directory.close());
    for (const [fault, message] of WRONG_FAULTS) {
      assert.throws(() => directory.addFault(fault as never), { name: "ConfigError", message });
    }
  });
});
