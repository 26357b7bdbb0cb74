import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkValues } from "../../../src/authentication/stored/check-values.ts";
import { rememberDecoys } from "../../../src/authentication/stored/decoys.ts";
import { asDecoys } from "../../../src/authentication/stored/stored-values.ts";
import type { PasswordCheck, PasswordRefusal } from "../../../src/passwords/password-check.ts";

describe("decoys", () => {
  it("are none before anything was checked", () => {
    assert.deepEqual(rememberDecoys().draw(), []);
  });

  it("are the values of somebody whose check took the usual time", () => {
    const decoys = rememberDecoys();
    decoys.add("a", ["{A}"], 100);
    decoys.add("b", ["{B}", "{C}"], 110);
    const drawn = new Set(Array.from({ length: 200 }, () => decoys.draw().join(" ")));
    assert.deepEqual([...drawn].sort(), ["{A}", "{B} {C}"]);
  });

  it("are not cheap ones because somebody tries a cheap one often", () => {
    const decoys = rememberDecoys();
    for (let n = 0; n < 10; n++) decoys.add(`person ${n}`, ["{USUAL}"], 100);
    for (let n = 0; n < 1_000; n++) decoys.add("attacker", ["{CHEAP}"], 0.1);
    for (let n = 0; n < 200; n++) assert.deepEqual(decoys.draw(), ["{USUAL}"]);
  });

  it("are those of the latest people", () => {
    const decoys = rememberDecoys();
    for (let n = 0; n < 100; n++) decoys.add(`old ${n}`, ["{OLD}"], 100);
    for (let n = 0; n < 64; n++) decoys.add(`new ${n}`, ["{NEW}"], 50);
    for (let n = 0; n < 200; n++) assert.deepEqual(decoys.draw(), ["{NEW}"]);
  });

  it("hold no password in plain text, whatever it is called", () => {
    for (const stored of ["{PLAIN}secret", "{cleartext}secret", "{PLAIN.hex}736563726574"]) {
      const [decoy] = asDecoys([stored]);
      assert.match(decoy ?? "", /^\{PLAIN\}[A-Za-z0-9+/]{16}$/);
    }
    assert.deepEqual(asDecoys(["{SSHA}x", "none"]), ["{SSHA}x", "none"]);
  });
});

describe("checkValues", () => {
  const answers: Readonly<Record<string, PasswordCheck>> = { ok: { ok: true } };
  const check = async (stored: string): Promise<PasswordCheck> =>
    answers[stored] ?? { ok: false, reason: stored as PasswordRefusal };

  for (const [values, outcome] of [
    [[], "no-value"],
    [["ok"], true],
    [["mismatch", "ok"], true],
    [["unavailable", "ok"], true],
    [["mismatch", "unavailable"], "unavailable"],
    [["unavailable", "mismatch"], "unavailable"],
    [["malformed", "mismatch"], "mismatch"],
    [["mismatch", "unknown-scheme"], "mismatch"],
    [["malformed", "unknown-scheme"], "malformed"],
    [["too-expensive"], "too-expensive"],
  ] as const) {
    it(`says ${outcome} of ${values.join(" and ") || "nothing"}`, async () => {
      const checked = await checkValues(values, check);
      assert.equal(checked.ok || checked.reason, outcome);
    });
  }

  it("stops at the first that fits", async () => {
    const asked: string[] = [];
    await checkValues(["mismatch", "ok", "mismatch"], async (stored) => {
      asked.push(stored);
      return check(stored);
    });
    assert.deepEqual(asked, ["mismatch", "ok"]);
  });
});
