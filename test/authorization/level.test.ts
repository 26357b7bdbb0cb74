import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkLevels, hasLevel, levelsOfUrl } from "../../src/authorization/level.ts";
import { ConfigError } from "../../src/errors.ts";
import { parseAuthLdapUrl } from "../../src/ldap/parse-auth-ldap-url.ts";

const PATTERN = "MyWebApp_Level_*";

describe("hasLevel", () => {
  const granted: readonly (readonly [number | string, ...string[]])[] = [
    [1, "MyWebApp_Level_1"],
    [2, "MyWebApp_Level_3"],
    [2, "MyWebApp_Level_10"],
    [2, "MyWebApp_Level_1", "MyWebApp_Level_2"],
    [2, "OtherApp_Level_9", "MyWebApp_Level_2"],
    [1, "mywebapp_LEVEL_1"],
    [0, "MyWebApp_Level_0"],
    [2, "MyWebApp_Level_02"],
    [2, " MyWebApp_Level_2 "],
    ["MyWebApp_Level_2", "MyWebApp_Level_2"],
    ["MyWebApp_Level_2", "mywebapp_level_2"],
    ["MyWebApp_Level_*", "MyWebApp_Level_1"],
    ["mywebapp_level_*", "MyWebApp_Level_0"],
    ["editor", "Editor"],
  ];
  for (const [level, ...values] of granted) {
    it(`${JSON.stringify(level)} is had by ${JSON.stringify(values)}`, () => {
      assert.equal(hasLevel(level, values, PATTERN), true);
    });
  }

  const denied: readonly (readonly [number | string, ...string[]])[] = [
    [1],
    [0],
    [2, "MyWebApp_Level_1"],
    [2, "MyWebApp_Level_2x"],
    [1, "OtherApp_Level_9"],
    [1, "xMyWebApp_Level_3"],
    [1, "MyWebApp_Level_"],
    [1, "MyWebApp_Level_-3"],
    [1, "MyWebApp_Level_1.5"],
    [1, "MyWebApp_Level_1e3"],
    [1, "MyWebApp_Level_0x9"],
    [1, "MyWebApp_Level_ 3"],
    [1, "MyWebApp_Level_٣"],
    [1, "MyWebApp_Level_Infinity"],
    [1, "MyWebApp_Level_9999999999999999999999"],
    [1, "MyWebApp_Level_1; MyWebApp_Level_2"],
    [1, "MyWebApp_Level_1,MyWebApp_Level_2"],
    [1, ""],
    ["MyWebApp_Level_2", "MyWebApp_Level_20"],
    ["MyWebApp_Level_2", "MyWebApp_Level_1"],
    ["MyWebApp_Level_2", "xMyWebApp_Level_2"],
    ["MyWebApp_Level_*", "OtherApp_Level_1"],
    ["MyWebApp_Level_*", "MyWebApp_Level_2x"],
  ];
  for (const [level, ...values] of denied) {
    it(`${JSON.stringify(level)} is not had by ${JSON.stringify(values)}`, () => {
      assert.equal(hasLevel(level, values, PATTERN), false);
    });
  }
});

describe("levelsOfUrl", () => {
  const levelsOf = (rest: string) => levelsOfUrl(parseAuthLdapUrl(`ldap://localhost/dc=x?${rest}`));

  it("takes the attribute after the login attribute and the prefix of the filter", () => {
    const levels = levelsOf("uid,MyWebAccess?one?(WebAccess=MyWebApp_Level_*)");
    assert.deepEqual(levels, { attribute: "MyWebAccess", pattern: "MyWebApp_Level_*" });
  });

  it("finds the prefix beside other assertions", () => {
    const levels = levelsOf("uid,l?one?(&(objectClass=person)(l=A_*)(cn=*))");
    assert.deepEqual(levels, { attribute: "l", pattern: "A_*" });
  });

  for (const rest of [
    "uid?one?(WebAccess=MyWebApp_Level_*)",
    "uid,a,b?one?(WebAccess=MyWebApp_Level_*)",
    "uid,*?one?(WebAccess=A_*)",
    "uid,+?one?(WebAccess=A_*)",
    "uid,a?one?(|(WebAccess=A_*)(WebAccess=B_*))",
    "uid,a?one?(WebAccess=MyWebApp*Level*)",
    "uid,a?one?(WebAccess=*Level)",
    "uid,a?one?(!(WebAccess=A_*))",
    "uid,a?one?(WebAccess=Level)",
    "uid,a?one",
  ]) {
    it(`does not guess from ${rest}`, () => assert.equal(levelsOf(rest), undefined));
  }
});

describe("checkLevels", () => {
  for (const levels of [
    { attribute: "", pattern: PATTERN },
    { attribute: "a b", pattern: PATTERN },
    { attribute: "a", pattern: "Level_" },
    { attribute: "a", pattern: "Le*vel_*" },
    { attribute: "a", pattern: "" },
    { attribute: "a", pattern: undefined as unknown as string },
  ]) {
    it(`refuses ${JSON.stringify(levels)}`, () => {
      assert.throws(() => checkLevels(levels), ConfigError);
    });
  }
});
