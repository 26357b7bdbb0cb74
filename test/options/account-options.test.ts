import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ConfigError } from "../../src/errors.ts";
import { resolveOptions } from "../../src/options/resolve.ts";

const URL = "ldaps://ldap.example.org/dc=example?uid";

function resolve(options: object) {
  return resolveOptions({ url: URL, log: () => {}, ...options }).web;
}

function refuses(options: object, option: string, message: RegExp) {
  assert.throws(
    () => resolve(options),
    (error: unknown) => {
      assert(error instanceof ConfigError);
      assert.equal(error.option, option);
      assert.match(error.message, message);
      return true;
    },
  );
}

describe("passwordChange", () => {
  it("is off by default", () => {
    assert.equal(resolve({}).passwordChange, false);
    assert.equal(resolve({ passwordChange: false }).passwordChange, false);
  });

  it("is at /password, or elsewhere", () => {
    assert.deepEqual(resolve({ passwordChange: true }).passwordChange, { path: "/password" });
    assert.deepEqual(resolve({ passwordChange: {} }).passwordChange, { path: "/password" });
    const passwordChange = { path: "/account/new-password" };
    assert.deepEqual(resolve({ passwordChange }).passwordChange, passwordChange);
  });

  it("refuses what is no path, or another page's", () => {
    const own = "passwordChange.path";
    for (const path of [
      "password",
      "/",
      "",
      "/a b",
      "/a/../b",
      "//host",
      "/a?b",
      "/%2e",
      5,
      null,
    ]) {
      refuses({ passwordChange: { path } }, own, /passwordChange\.path must be a/);
    }
    refuses({ passwordChange: { path: "/login" } }, own, /must differ from login\.path/);
    refuses({ passwordChange: { path: "/logout" } }, own, /must differ/);
    const login = { path: "/password" };
    refuses({ passwordChange: true, login }, own, /must differ/);
    assert.equal(resolve({ login }).passwordChange, false);
  });

  it("refuses what is neither yes, no nor an object of its options", () => {
    for (const passwordChange of ["yes", 1, null, [], "/password"]) {
      refuses({ passwordChange }, "passwordChange", /passwordChange must be an object/);
    }
    refuses({ passwordChange: { paht: "/x" } }, "passwordChange.paht", /did you mean "path"/);
  });
});

describe("texts", () => {
  it("are those that were given, and a copy", () => {
    assert.deepEqual(resolve({}).texts, {});
    const warning = () => "bald";
    const texts: Record<string, unknown> = { "account-locked": "gesperrt", warning };
    const resolved = resolve({ texts }).texts;
    texts["account-locked"] = "other";
    assert.deepEqual(resolved, { "account-locked": "gesperrt", warning });
  });

  it("refuse unknown codes, and what is no text", () => {
    refuses(
      { texts: { "account-loked": "x" } },
      "texts.account-loked",
      /did you mean "account-lock/,
    );
    refuses({ texts: { toString: "x" } }, "texts.toString", /no option/);
    for (const text of ["", 5, null, {}, () => "x"]) {
      refuses({ texts: { "account-locked": text } }, "texts.account-locked", /must be a string/);
    }
    refuses({ texts: { warning: "soon" } }, "texts.warning", /must be a function/);
    refuses({ texts: null }, "texts", /must be an object/);
    refuses({ texts: [] }, "texts", /must be an object/);
  });
});
