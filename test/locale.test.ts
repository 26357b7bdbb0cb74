import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, it } from "node:test";

const SCRIPT = `
  import { hasLevel } from "./src/authorization/level.ts";
  import { normalizeDn } from "./src/ldap/dn.ts";
  import { parseAuthLdapUrl } from "./src/ldap/parse-auth-ldap-url.ts";
  import { nameKey } from "./src/web/throttle-keys.ts";
  console.log(JSON.stringify([
    new Intl.DateTimeFormat().resolvedOptions().locale,
    hasLevel(2, ["MYWEBAPP_LEVEL_I2"], "mywebapp_level_i*"),
    normalizeDn("UID=ISIL,DC=I") === normalizeDn("uid=isil,dc=i"),
    parseAuthLdapUrl("LDAPI://%2Fi/DC=i?UID").loginAttribute,
    nameKey("ISIL") === nameKey("isil"),
  ]));
`;

describe("letter case", () => {
  for (const locale of ["en-US", "tr-TR", "lt-LT"]) {
    it(`is the same in a process whose language is ${locale}`, () => {
      const language = `${locale.replace("-", "_")}.UTF-8`;
      const printed = execFileSync(process.execPath, ["--input-type=module", "--eval", SCRIPT], {
        env: { LANG: language, LC_ALL: language },
        encoding: "utf8",
      });
      assert.deepEqual(JSON.parse(printed), [locale, true, true, "UID", true]);
    });
  }
});
