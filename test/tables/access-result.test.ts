import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { type AccessResult, readAccessResult } from "../../src/tables/access-result.ts";
import { checkRestrictions } from "../../src/tables/check-restrictions.ts";
import type { Restriction } from "../../src/tables/restriction.ts";
import { tableOf } from "../support/memory-table.ts";

/** What a real smtpd answered, see test/fixtures/postfix. */
interface SmtpdRecord {
  readonly service: string;
  readonly sender: string;
  readonly action?: string;
  readonly recipient?: string;
  readonly unstable?: string;
  readonly mail: string;
  readonly rcpt?: string;
}

const RECORDS: readonly SmtpdRecord[] = JSON.parse(
  readFileSync(new URL("../fixtures/postfix/smtpd.json", import.meta.url), "utf8"),
);

/** What a web site can't know or do; each must refuse, whatever smtpd does. */
const REFUSED_HERE: Readonly<Record<string, string>> = {
  DISCARD: "drops mail in silence: nobody could tell it from success",
  discard: "drops mail in silence: nobody could tell it from success",
  "DISCARD quietly": "drops mail in silence: nobody could tell it from success",
  permit_mynetworks: "is about the SMTP client's address",
  "permit_mynetworks, reject": "is about the SMTP client's address",
  "permit_sasl_authenticated reject": "is about the SMTP session",
  reject_unauth_destination: "is about the mail's recipient",
  "warn_if_reject reject": "is about what comes behind it",
};

/** The class, code, enhanced status and text of what refused; "pass" where nothing did. */
function answerOf({ mail, rcpt = "", sender }: SmtpdRecord): Partial<Restriction> | "pass" {
  const reply = mail.startsWith("2") ? rcpt : mail;
  if (reply.startsWith("2")) return "pass";
  const [, code = "", enhancedStatus = "", said = ""] = /^(\d+) (\S+) (.*)$/s.exec(reply) ?? [];
  const kind = code.startsWith("4") ? "defer" : "reject";
  const text = said.replace(`<${sender}>: Sender address rejected: `, "");
  return { kind, code: Number(code), enhancedStatus, text };
}

describe("the answer to a sender's access(5) result is smtpd's own:", () => {
  let compared = 0;
  for (const record of RECORDS) {
    const { action, service, unstable } = record;
    // Refused by what comes behind, which has nothing to do with the table.
    if (action === undefined || record.recipient !== undefined) continue;
    compared += 1;
    it(`${JSON.stringify(action)} (${service}, ${record.sender})`, async () => {
      const tables = [tableOf({ key: [action] })];
      if (service.includes("then reject")) tables.push(tableOf({ key: ["reject"] }));
      const questions = tables.map((table) => ({ table, keys: ["key"] }));
      const { restriction = "pass" } = await checkRestrictions(questions, NEVER_OVER);
      if (REFUSED_HERE[action] !== undefined) {
        assert.deepEqual(restriction, SERVER_CONFIGURATION_ERROR);
        return;
      }
      const answer = answerOf(record);
      if (answer === "pass") {
        assert.equal(restriction, "pass");
        return;
      }
      const expected = { ...answer };
      // smtpd prints left-over memory there.
      if (unstable !== undefined) expected.text = "Access denied";
      // These settings are of main.cf, and change the codes of words.
      const isWord = /^(?:reject|defer(?:_if_\w+)?)(?:\s|$)/i.test(action);
      if (isWord && service.includes("access_map_reject_code")) {
        expected.code = expected.kind === "reject" ? 554 : 450;
      }
      assert.deepEqual(restriction, expected);
    });
  }

  it("all recorded ones, and all exceptions are met", () => {
    assert.equal(compared, 285);
    const actions = new Set(RECORDS.map(({ action }) => action));
    assert.deepEqual(
      Object.keys(REFUSED_HERE).filter((action) => !actions.has(action)),
      [],
    );
  });
});

const NEVER_OVER = { remaining: () => 1_000 };

const SERVER_CONFIGURATION_ERROR: Restriction = {
  kind: "defer",
  code: 451,
  enhancedStatus: "4.3.5",
  text: "Server configuration error",
};

describe("an access(5) result", () => {
  const restrictionOf = (result: AccessResult) =>
    "restriction" in result ? result.restriction : undefined;

  for (const action of ["WARN", "info", "HOLD", "PREPEND", "REDIRECT", "BCC", "FILTER"]) {
    it(`notes ${action}, with its text`, () => {
      const result = readAccessResult(`${action} look at this`);
      const noted = { kind: "note", action: action.toUpperCase(), text: "look at this" };
      assert.deepEqual(result, noted);
    });
  }

  const misconfigured: readonly string[] = [
    ...["", " ", ",", "\n", "\0", "é", "NONSENSE", "permit_nonsense", "reject_nonsense"],
    ...["OK,OK", "OK\nOK", "ok\u00a0", "RELAY", "HANGUP", "{ permit }", "550 ", "550\t", "650 x"],
    ...["permit ldap:/etc/x.cf", "reject:x", "５５０", "٥٥٠ x", "550\u00a0no"],
    // Letters whose upper case is one of ASCII's.
    ...["ıNFO", "DıSCARD", "ſ", "diſcard"],
  ];
  for (const value of misconfigured) {
    it(`lets nobody in with ${JSON.stringify(value)}`, () => {
      const result = readAccessResult(value);
      assert.equal(result.kind, "misconfigured");
      assert.deepEqual(restrictionOf(result), SERVER_CONFIGURATION_ERROR);
    });
  }

  it("has an enhanced status of its code's class, about a sender", () => {
    const status = (text: string) => restrictionOf(readAccessResult(text))?.enhancedStatus;
    assert.equal(status("REJECT 2.7.9 x"), "5.7.9");
    assert.equal(status("450 5.7.9 x"), "4.7.9");
    for (const [said, meant] of [
      ["5.1.0", "5.1.0"],
      ["5.1.1", "5.1.7"],
      ["5.1.2", "5.1.8"],
      ["5.1.3", "5.1.7"],
      ["5.1.4", "5.1.7"],
      ["5.1.5", "5.1.0"],
      ["5.1.6", "5.1.7"],
      ["5.1.8", "5.1.8"],
      ["5.1.10", "5.1.10"],
      ["5.2.1", "5.2.1"],
      ["5.123.456", "5.123.456"],
    ]) {
      assert.equal(status(`REJECT ${said} x`), meant);
    }
    for (const none of ["5.1234.1 x", "5.7.1x", "3.7.1 x", "5.7 x", "5.7.1.1 x", "5..1 x"]) {
      const result = restrictionOf(readAccessResult(`REJECT ${none}`));
      assert.deepEqual(result, { ...REJECTED, text: none });
    }
  });

  it("has a text that can go anywhere", () => {
    const text = (said: string) => restrictionOf(readAccessResult(`REJECT ${said}`))?.text;
    assert.equal(text("a\u001b[2Jb\u009bc\u007f"), "a?[2Jb?c?");
    assert.equal(text("a\r\nSet-Cookie: x\u2028y\u0000z"), "a  Set-Cookie: x y?z");
    assert.equal(text("\u202etxt\ud800"), "?txt?");
    assert.equal(text("<script>"), "<script>");
    assert.equal(text("נא לדבר 👩\u200d💻 ünï"), "נא לדבר 👩\u200d💻 ünï");
    assert.equal(text("x".repeat(1_000)), "x".repeat(1_000));
    assert.equal(text("x".repeat(1_000_000)), `${"x".repeat(999)}…`);
    assert.equal(text(`${"x".repeat(998)}👩${"x".repeat(10)}`), `${"x".repeat(998)}?…`);
    assert.equal(text("\n\n"), "Access denied");
  });

  it("is read in time that grows no faster than it does", () => {
    const began = performance.now();
    for (const piece of [" ", "1", "1.", ",", "5.7.1 ", "\n", "permit,", "<"]) {
      readAccessResult(piece.repeat(1_000_000));
      readAccessResult(`REJECT ${piece.repeat(1_000_000)}`);
    }
    assert(performance.now() - began < 5_000);
  });
});

const REJECTED: Restriction = { kind: "reject", code: 554, enhancedStatus: "5.7.1", text: "" };
