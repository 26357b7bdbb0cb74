import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { policyText } from "../../src/directory/policy-text.ts";

const OLD = "Old Secret 1";
const NEW = "Nëw-Secret?2";

describe("policyText", () => {
  for (const [text, expected] of [
    ["Password is too short", "Password is too short"],
    ["  two\r\nlines\t\u0000", "two lines"],
    ["\u001b[31mred\u009b0m", "[31mred 0m"],
    ["a\u202eb\u2028c\u200bd\ufeffe", "a b c d e"],
    ["\ud800x", "x"],
    ["Zu kurz: mindestens 8 Zeichen 😀", "Zu kurz: mindestens 8 Zeichen 😀"],
    ["", undefined],
    [" \n\u0000", undefined],
    ["0000052D: Constraint violation - check_password_restrictions: too short!", "too short!"],
    ["0000052D: AtrErr: DSID-03191083, #1:", undefined],
    ["0000052D: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0", undefined],
  ] as const) {
    it(JSON.stringify(text), () => assert.equal(policyText(text, [OLD, NEW]), expected));
  }

  it("shows 300 letters at most, and whole ones", () => {
    const shown = policyText("😀".repeat(400), [OLD, NEW]) ?? "";
    assert.equal([...shown].length, 300);
    assert(shown.isWellFormed());
    assert.equal(policyText("x".repeat(5_000), [OLD, NEW]), undefined);
  });

  const wide = (text: string) => Buffer.from(`"${text}"`, "utf16le");
  for (const [what, repeat] of Object.entries<(password: string) => string>({
    "as it is": (password) => password,
    "in other letter case": (password) => password.toUpperCase(),
    "with invisible letters in it": (password) => [...password].join("\u200b"),
    "with control characters in it": (password) => [...password].join("\u0000"),
    "with spaces in it": (password) => [...password].join(" "),
    "as UTF-16": (password) => wide(password).toString("latin1"),
    "as UTF-16 in base64": (password) => wide(password).toString("base64"),
    "as UTF-16 in hexadecimal": (password) => wide(password).toString("hex"),
    "in base64": (password) => Buffer.from(password).toString("base64"),
    "in base64 for URLs": (password) => Buffer.from(password).toString("base64url"),
    "in hexadecimal": (password) => Buffer.from(password).toString("hex").toUpperCase(),
    "in percents": (password) => encodeURIComponent(password),
    "as bytes taken for Latin-1": (password) => Buffer.from(password).toString("latin1"),
    "beyond what is shown": (password) => `${"x".repeat(1_000)}${password}`,
  })) {
    for (const password of [OLD, NEW]) {
      it(`shows nothing that repeats ${password} ${what}`, () => {
        assert.equal(policyText(`no: ${repeat(password)} is bad`, [OLD, NEW]), undefined);
      });
    }
  }

  it("shows nothing where the password is a common letter or a space", () => {
    assert.equal(policyText("Password is too short", ["a", NEW]), undefined);
    assert.equal(policyText("Password is too short", [" ", NEW]), undefined);
  });

  it("does not fail for what has no encoding", () => {
    assert.equal(policyText("too short", ["\ud800x", "x-y-z"]), "too short");
  });
});
