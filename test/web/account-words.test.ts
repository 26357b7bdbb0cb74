import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PasswordWarning } from "../../src/directory/account-answer.ts";
import { ACCOUNT_STATES } from "../../src/web/account-texts.ts";
import { accountText, accountTitle, warningText } from "../../src/web/account-words.ts";

const HOUR = 3_600;
const DAY = 24 * HOUR;

describe("a warning in words", () => {
  const cases: readonly (readonly [PasswordWarning, string])[] = [
    [{ expiresIn: 30 * DAY }, "Your password expires in 30 days."],
    [{ expiresIn: 3 * DAY }, "Your password expires in 3 days."],
    [{ expiresIn: 3 * DAY - 1 }, "Your password expires in 2 days."],
    [{ expiresIn: 2 * DAY - 1 }, "Your password expires in 1 day."],
    [{ expiresIn: DAY }, "Your password expires in 1 day."],
    [{ expiresIn: DAY - 1 }, "Your password expires in 23 hours."],
    [{ expiresIn: 5 * HOUR }, "Your password expires in 5 hours."],
    [{ expiresIn: HOUR }, "Your password expires in 1 hour."],
    [{ expiresIn: HOUR - 1 }, "Your password expires in 59 minutes."],
    [{ expiresIn: 60 }, "Your password expires in 1 minute."],
    [{ expiresIn: 59 }, "Your password expires in less than a minute."],
    [{ expiresIn: 0 }, "Your password expires in less than a minute."],
    [{ expiresIn: -5 }, "Your password expires in less than a minute."],
    [{ graceLogins: 2 }, "Your password has expired: 2 logins left."],
    [{ graceLogins: 1 }, "Your password has expired: 1 login left."],
    [{ graceLogins: 0 }, "Your password has expired, and this was the last login with it."],
    [{ expiresIn: 5, graceLogins: 2 }, "Your password has expired: 2 logins left."],
    [{}, "Your password expires soon."],
  ];
  for (const [warning, text] of cases) {
    it(`is "${text}" for ${JSON.stringify(warning)}`, () => {
      assert.equal(warningText(warning, {}), text);
    });
  }

  it("is the application's own where it has any", () => {
    const warning = ({ expiresIn = 0 }) => `noch ${expiresIn} s`;
    assert.equal(warningText({ expiresIn: 5 }, { warning }), "noch 5 s");
  });
});

describe("a state in words", () => {
  it("differs for each, and is replaced one by one", () => {
    const titles = ACCOUNT_STATES.map(accountTitle);
    assert.equal(new Set(titles).size, ACCOUNT_STATES.length);
    for (const isChangeable of [true, false]) {
      const texts = ACCOUNT_STATES.map((state) => accountText(state, {}, isChangeable));
      assert.equal(new Set(texts).size, ACCOUNT_STATES.length);
      for (const state of ACCOUNT_STATES) {
        const own = ACCOUNT_STATES.map((each) => accountText(each, { [state]: "x" }, isChangeable));
        assert.deepEqual(
          own.filter((text) => !texts.includes(text)),
          ["x"],
        );
      }
    }
  });

  it("asks for a new password only where one can be chosen", () => {
    for (const state of ["password-expired", "must-change-password"] as const) {
      assert.match(accountText(state, {}, true), /choose a new/);
      assert.match(accountText(state, {}, false), /contact your administrator/);
    }
  });
});
