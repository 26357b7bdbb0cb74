import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  ACCOUNT_ATTRIBUTES,
  accountStateOf,
  judgeAccount,
} from "../../src/authentication/account-state.ts";
import type { AccountState } from "../../src/directory/account-answer.ts";
import type { AttributeValue, Entry } from "../../src/ldap/entry.ts";

const NOW = Date.UTC(2026, 10, 22, 12);
const DAY = 86_400_000;
const TODAY = Math.floor(NOW / DAY);

function entryWith(attributes: Readonly<Record<string, AttributeValue | AttributeValue[]>>): Entry {
  const pairs = Object.entries(attributes).map(
    ([name, value]) => [name.toLowerCase(), [value].flat()] as const,
  );
  return { dn: "uid=a,dc=test", attributes: new Map(pairs) };
}

/** Windows' time of so many milliseconds from NOW. */
function filetime(milliseconds: number): string {
  return String(BigInt(NOW + milliseconds) * 10_000n + 116_444_736_000_000_000n);
}

type Case = readonly [
  what: string,
  attributes: Readonly<Record<string, AttributeValue | AttributeValue[]>>,
  expected: AccountState | undefined,
];

const CASES: readonly Case[] = [
  ["nothing to read", {}, undefined],
  ["an ordinary account", { userAccountControl: "512", pwdLastSet: filetime(-DAY) }, undefined],
  ["a switched off account", { userAccountControl: "514" }, "account-disabled"],
  ["a negative number with its bits", { userAccountControl: "-2147483134" }, "account-disabled"],
  ["a negative number without", { userAccountControl: "-2147483136" }, undefined],
  ["no number at all", { userAccountControl: "0x202" }, "account-disabled"],
  ["bytes", { userAccountControl: Buffer.from([0xff]) }, "account-disabled"],
  // In base64 these are "1234", which has the bit not set.
  [
    "bytes that base64 makes a number",
    { accountExpires: Buffer.from("1234", "base64") },
    "account-expired",
  ],
  ["a huge number", { userAccountControl: "9".repeat(400) }, "account-disabled"],
  ["an empty value", { userAccountControl: "", accountExpires: "", pwdLastSet: "" }, undefined],
  ["an expired password", { userAccountControl: String(512 + 0x80_0000) }, "password-expired"],
  [
    "lockout alone",
    { userAccountControl: String(512 + 0x10), lockoutTime: filetime(-1) },
    undefined,
  ],

  ["an account without an end (0)", { accountExpires: "0" }, undefined],
  ["an account without an end", { accountExpires: "9223372036854775807" }, undefined],
  ["one that ends in a second", { accountExpires: filetime(1_000) }, undefined],
  ["one that ends now", { accountExpires: filetime(0) }, "account-expired"],
  ["one that has ended", { accountExpires: filetime(-1) }, "account-expired"],
  ["an end before all times", { accountExpires: "-1" }, "account-expired"],
  ["an end that is no number", { accountExpires: "20261122120000Z" }, "account-expired"],

  ["a password to change", { pwdLastSet: "0" }, "must-change-password"],
  [
    "the same, as administrators set it",
    { pwdLastSet: "0", userAccountControl: "512" },
    "must-change-password",
  ],
  ["one that never expires", { pwdLastSet: "0", userAccountControl: "66048" }, undefined],
  ["a smart card's", { pwdLastSet: "0", userAccountControl: String(512 + 0x4_0000) }, undefined],
  ["a computer's", { pwdLastSet: "0", userAccountControl: "4096" }, undefined],
  ["a time that is none", { pwdLastSet: "never" }, "must-change-password"],
  [
    "a switched off one to change",
    { pwdLastSet: "0", userAccountControl: "514" },
    "account-disabled",
  ],

  ["nsAccountLock", { nsAccountLock: "TRUE" }, "account-disabled"],
  ["nsAccountLock in other letters", { nsAccountLock: "true" }, "account-disabled"],
  ["nsAccountLock among others", { nsAccountLock: ["FALSE", "TRUE"] }, "account-disabled"],
  ["no nsAccountLock", { nsAccountLock: "FALSE" }, undefined],
  ["what 389 takes for none either", { nsAccountLock: "yes" }, undefined],

  ["shadowExpire never", { shadowExpire: "-1" }, undefined],
  ["shadowExpire tomorrow", { shadowExpire: String(TODAY + 1) }, undefined],
  ["shadowExpire today", { shadowExpire: String(TODAY) }, "account-expired"],
  ["shadowExpire long ago", { shadowExpire: "0" }, "account-expired"],
  ["shadowExpire unreadable", { shadowExpire: "soon" }, "account-expired"],

  ["locked for good", { pwdAccountLockedTime: "000001010000Z" }, "account-disabled"],
  [
    "locked for good, with seconds",
    { pwdAccountLockedTime: "00000101000000Z" },
    "account-disabled",
  ],
  ["locked by wrong passwords", { pwdAccountLockedTime: "20261122115900Z" }, undefined],
];

describe("accountStateOf", () => {
  for (const [what, attributes, expected] of CASES) {
    it(`${what}: ${expected ?? "nothing wrong"}`, () => {
      assert.equal(accountStateOf(entryWith(attributes), NOW), expected);
    });
  }

  it("reads no attribute that is not in the list", () => {
    const listed = new Set(ACCOUNT_ATTRIBUTES.map((name) => name.toLowerCase()));
    const read = CASES.filter(([, , expected]) => expected !== undefined).flatMap(
      ([, attributes]) => Object.keys(attributes),
    );
    assert.deepEqual(
      read.filter((name) => !listed.has(name.toLowerCase())),
      [],
    );
  });

  it("takes time as it passes", () => {
    const entry = entryWith({ accountExpires: filetime(5) });
    assert.equal(accountStateOf(entry, NOW + 4), undefined);
    assert.equal(accountStateOf(entry, NOW + 5), "account-expired");
    assert.equal(accountStateOf(entry, NOW + 0.5), undefined);
  });
});

describe("judgeAccount", () => {
  const disabled = entryWith({ userAccountControl: "514" });

  it("says nothing of the account to who has a wrong password", () => {
    assert.deepEqual(judgeAccount(disabled, { accepted: false }, NOW), { accepted: false });
    const locked = { accepted: false, untold: "account-locked" } as const;
    assert.deepEqual(judgeAccount(disabled, locked, NOW), locked);
  });

  it("refuses who has the right one", () => {
    const verdict = judgeAccount(disabled, { accepted: true }, NOW);
    assert.deepEqual(verdict, { accepted: false, state: "account-disabled" });
  });

  it("leaves the change of a password open", () => {
    const verdict = judgeAccount(entryWith({ pwdLastSet: "0" }), { accepted: true }, NOW);
    assert.deepEqual(verdict, { accepted: true, state: "must-change-password" });
  });

  it("believes the server first, and keeps its warnings", () => {
    const said = { accepted: true, state: "must-change-password" } as const;
    assert.equal(judgeAccount(entryWith({}), said, NOW), said);
    const warned = { accepted: true, warning: { graceLogins: 1 } } as const;
    assert.equal(judgeAccount(entryWith({}), warned, NOW), warned);
  });
});
