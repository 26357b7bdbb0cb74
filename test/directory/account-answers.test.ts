import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import fc from "fast-check";
import type { PasswordVerdict } from "../../src/directory/account-answer.ts";
import { adSubCode, adUpdateError } from "../../src/directory/ad-sub-code.ts";
import { type PolicyAnswer, readPolicyAnswer } from "../../src/directory/password-policy.ts";
import { passwordVerdict } from "../../src/directory/password-verdict.ts";
import { MalformedMessage } from "../../src/directory/read-element.ts";
import { resultFor } from "../support/fake-server.ts";
import {
  type AnswerControl,
  NETSCAPE_EXPIRED,
  NETSCAPE_EXPIRING,
  POLICY,
  policy,
  resultWithControls,
} from "../support/policy-controls.ts";
import { fakeServer, openedDirectory, soon, unhandled } from "./opened-directory.ts";

const USER = "uid=anybody,dc=test";

/** What a bind comes to that a server answers so. */
async function verdictOn(
  code: number,
  text: string,
  controls: readonly AnswerControl[] = [],
): Promise<PasswordVerdict> {
  const server = await fakeServer(({ id, tag }, { send }) =>
    tag === 0x60 ? send(resultWithControls({ id, tag: 0x61, code, text }, controls)) : undefined,
  );
  const { directory } = openedDirectory([server.port]);
  try {
    return await directory.checkPassword(USER, "secret", soon());
  } finally {
    await directory.close();
  }
}

const ACCEPTED = { accepted: true };
const WRONG = { accepted: false };
const MUST_CHANGE = { accepted: true, state: "must-change-password" };
const EXPIRED = { accepted: false, state: "password-expired" };
const LOCKED = { accepted: false, untold: "account-locked" };

type Case = readonly [what: string, code: number, controls: readonly AnswerControl[], unknown];

const text = (value: string): Buffer => Buffer.from(value);

const CASES: readonly Case[] = [
  ["no control", 0, [], ACCEPTED],
  ["nothing to say", 0, [policy("3000")], ACCEPTED],
  ["an empty value", 0, [policy("")], ACCEPTED],
  ["no value", 0, [[POLICY, undefined]], ACCEPTED],
  ["another control", 0, [["1.2.3.4", Buffer.from("zzz")]], ACCEPTED],
  ["a warning", 0, [policy("3005a003800177")], { ...ACCEPTED, warning: { expiresIn: 0x77 } }],
  ["5 grace logins", 0, [policy("3005a003810105")], { ...ACCEPTED, warning: { graceLogins: 5 } }],
  ["1 grace login", 0, [policy("3005a003810101")], { ...ACCEPTED, warning: { graceLogins: 1 } }],
  [
    "the last grace login",
    0,
    [policy("3005a003810100")],
    { ...ACCEPTED, warning: { graceLogins: 0 } },
  ],
  [
    "the longest time",
    0,
    [policy("3008a00680047fffffff")],
    { ...ACCEPTED, warning: { expiresIn: 2_147_483_647 } },
  ],
  ["a time below 0", 0, [policy("3005a0038001ff")], ACCEPTED],
  ["grace logins below 0", 0, [policy("3008a006810480000000")], ACCEPTED],
  ["expired, with a success", 0, [policy("3003810100")], MUST_CHANGE],
  [
    "expired, with a grace login",
    0,
    [policy("3008a003810102810100")],
    { ...ACCEPTED, warning: { graceLogins: 2 } },
  ],
  [
    "locked, with a success",
    0,
    [policy("3003810101")],
    { accepted: false, state: "account-locked" },
  ],
  ["must change", 0, [policy("3003810102")], MUST_CHANGE],
  ["must change, with a grace login", 0, [policy("3008a003810102810102")], MUST_CHANGE],
  ...[3, 4, 5, 6, 7, 8, 9, 127].map(
    (error): Case => [
      `error ${error}, with a success`,
      0,
      [policy(`30038101${error.toString(16).padStart(2, "0")}`)],
      ACCEPTED,
    ],
  ),
  ["an error below 0", 0, [policy("30038101ff")], ACCEPTED],
  ["must change, said twice", 0, [policy("3003810102"), policy("3003810102")], MUST_CHANGE],
  ["must change, and then nothing", 0, [policy("3003810102"), policy("3000")], MUST_CHANGE],
  ["nothing, and then must change", 0, [policy("3000"), policy("3003810102")], MUST_CHANGE],

  ["Netscape: expired, with a success", 0, [[NETSCAPE_EXPIRED, text("0")]], MUST_CHANGE],
  ["Netscape: expired, without a value", 0, [[NETSCAPE_EXPIRED, undefined]], MUST_CHANGE],
  [
    "Netscape: expired, with a grace login",
    0,
    [[NETSCAPE_EXPIRED, text("0")], policy("3005a003810101")],
    { ...ACCEPTED, warning: { graceLogins: 1 } },
  ],
  [
    "Netscape: expires soon",
    0,
    [[NETSCAPE_EXPIRING, text("3600")]],
    { ...ACCEPTED, warning: { expiresIn: 3_600 } },
  ],
  ["Netscape: expires at no time", 0, [[NETSCAPE_EXPIRING, text("soon")]], ACCEPTED],
  ["Netscape: expires before now", 0, [[NETSCAPE_EXPIRING, text("-5")]], ACCEPTED],
  [
    "Netscape: expires after the end of time",
    0,
    [[NETSCAPE_EXPIRING, text("9".repeat(40))]],
    ACCEPTED,
  ],

  ["no control", 49, [], WRONG],
  ["expired", 49, [policy("3003810100")], EXPIRED],
  ["Netscape: expired", 49, [[NETSCAPE_EXPIRED, text("0")]], EXPIRED],
  ["locked", 49, [policy("3003810101")], LOCKED],
  ["locked and expired", 49, [policy("3003810101"), policy("3003810100")], LOCKED],
  [
    "must change, with a refusal",
    49,
    [policy("3003810102")],
    { ...WRONG, untold: "must-change-password" },
  ],
  ...[3, 4, 5, 6, 7, 8, 9].map(
    (error): Case => [`error ${error}, with a refusal`, 49, [policy(`300381010${error}`)], WRONG],
  ),
  ["a warning with a refusal", 49, [policy("3005a003800177")], WRONG],
  ["too many wrong ones (389)", 19, [], LOCKED],
  ["too many wrong ones (389)", 19, [policy("3003810101")], LOCKED],
  ["expired, with another refusal", 48, [policy("3003810100")], WRONG],
  ["locked, with unwillingness (389)", 53, [policy("3003810101")], LOCKED],
];

describe("what a password policy says of a bind", () => {
  for (const [what, code, controls, expected] of CASES) {
    it(`${what}, result code ${code}`, async () => {
      assert.deepEqual(await verdictOn(code, "", controls), expected);
    });
  }

  const MALFORMED = {
    "a length of 2 GiB": "308480000000",
    "a length of 4 GiB - 1": "3084ffffffff810102",
    "a length that is not there": "3003",
    "a length without an end": "30808101020000",
    "a length inside that goes too far": "3003817f02",
    "bytes after it": "300381010200",
    "bytes inside after it": "3005810102ffff",
    "the same error twice": "3006810100810102",
    "a warning after the error": "3008810102a003800177",
    "a warning without anything": "3002a000",
    "two warnings": "3008a006800101810101",
    "a number without bytes": "30028100",
    "a number of five bytes": "300781050000000002",
    "no sequence": "810102",
    text: "0403616263",
    "one zero": "00",
  };
  for (const [what, hex] of Object.entries(MALFORMED)) {
    for (const code of [0, 49]) {
      it(`lets nobody in by ${what}, result code ${code}`, async () => {
        await assert.rejects(verdictOn(code, "", [policy(hex)]), {
          name: "DirectoryError",
          code: "protocol",
        });
      });
    }
  }

  it("takes no more controls than any server would send", async () => {
    const many = Array.from({ length: 100_000 }, () => policy("3000"));
    await assert.rejects(verdictOn(0, "", many), { code: "protocol" });
  });

  it("never makes a yes of a refusal, whatever the bytes are", () => {
    const types = fc.constantFrom(POLICY, NETSCAPE_EXPIRED, NETSCAPE_EXPIRING, "1.2.3");
    const values = fc.array(fc.tuple(types, fc.uint8Array({ maxLength: 24 })), { maxLength: 4 });
    const codes = fc.constantFrom(0, 19, 32, 48, 49, 53);
    fc.assert(
      fc.property(codes, values, (code, controls) => {
        let said: PolicyAnswer | undefined;
        try {
          said = readPolicyAnswer(
            controls.map(([type, value]) => ({ type, value: Buffer.from(value) })),
          );
        } catch (error) {
          assert(error instanceof MalformedMessage, String(error));
          return;
        }
        const result = { code, text: "", ...(said && { told: { policy: said } }) };
        if (code === 53 && !said?.errors.size) return;
        try {
          const { accepted, warning } = passwordVerdict("server", result);
          assert(!accepted || code === 0);
          assert(accepted || warning === undefined);
        } catch (error) {
          assert.equal(code, 53, String(error));
        }
      }),
      { numRuns: 10_000 },
    );
  });
});

describe("the question to a password policy", () => {
  const OID = Buffer.from(POLICY);

  it("goes with each bind of a person, and is not critical", async () => {
    const server = await fakeServer();
    const { directory } = openedDirectory([server.port]);
    await directory.checkPassword(USER, "one", soon());
    await directory.checkPassword(USER, "two", soon());
    await directory.checkNobody(soon());
    const binds = server.received.filter(({ tag }) => tag === 0x60);
    assert.equal(binds.length, 3);
    for (const { bytes } of binds) {
      const at = bytes.indexOf(OID);
      assert(at > 0, "it is there");
      assert.equal(bytes.indexOf(OID, at + 1), -1, "once");
      // RFC 4511 section 4.1.11: the criticality is false by default; DER leaves it away.
      const rest = bytes.subarray(at + OID.length);
      assert(rest.length === 0 || rest.equals(Buffer.from("010100", "hex")), rest.toString("hex"));
    }
  });
});

const AD = (code: string) =>
  `80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data ${code}, v1db1`;

describe("a state that a server tells whatever the password is", () => {
  it("is there for the log, and for nobody else", async () => {
    const server = await fakeServer((received, { send }) =>
      send(resultFor(received, 49, AD("775"))),
    );
    const { directory, log } = openedDirectory([server.port]);
    assert.deepEqual(await directory.checkPassword(USER, "canary", soon()), LOCKED);
    assert.deepEqual(
      log.map(({ level, event, details }) => ({ level, event, details })),
      [
        {
          level: "info",
          event: "account-not-usable",
          details: { dn: USER, state: "account-locked" },
        },
      ],
    );
    assert(!JSON.stringify(log).includes("canary"));
  });
});

describe("Active Directory's sub-codes", () => {
  for (const [code, expected] of [
    ["525", WRONG],
    ["52e", WRONG],
    ["530", { ...WRONG, state: "not-at-this-time" }],
    ["531", { ...WRONG, state: "not-from-here" }],
    ["532", EXPIRED],
    ["533", { ...WRONG, state: "account-disabled" }],
    ["701", { ...WRONG, state: "account-expired" }],
    ["773", { ...WRONG, state: "must-change-password" }],
    ["775", LOCKED],
    ["0", WRONG],
    ["57", WRONG],
    ["80090302", WRONG],
    ["53300", WRONG],
    ["__proto__", WRONG],
  ] as const) {
    it(`data ${code}`, async () => {
      assert.deepEqual(await verdictOn(49, AD(code)), expected);
      assert.deepEqual(await verdictOn(49, `${AD(code)}\0`), expected);
    });
  }

  it("are those of a refused bind, and of nothing else", async () => {
    assert.deepEqual(await verdictOn(0, AD("533")), ACCEPTED);
    assert.deepEqual(await verdictOn(48, AD("533")), WRONG);
    await assert.rejects(verdictOn(53, AD("533")), { code: "refused" });
  });

  for (const [what, forged] of Object.entries({
    "a name repeated before it": `no user ${AD("533")}`,
    "a name repeated after it": `${AD("52e")} for ${AD("533")}`,
    "a name repeated inside": AD("52e").replace("comment: ", `comment: ${AD("533")}, `),
    "a second line": `${AD("52e")}\n${AD("533")}`,
    "a first line": `${AD("533")}\n`,
    "a NUL inside": `${AD("533")}\0\0`,
    "another language": AD("533").replace("error", "Fehler"),
    "another comment": AD("533").replace("AcceptSecurityContext", "InitializeSecurityContext"),
    "another error": AD("533").replace("80090308", "80090346"),
    "no version": AD("533").replace(", v1db1", ""),
    "upper case": AD("52E"),
    "a long number": AD(`${"0".repeat(300)}533`),
    "the number alone": "data 533",
    nothing: "",
  })) {
    it(`are not read from ${what}`, async () => {
      assert.equal(adSubCode(forged), undefined);
      assert.deepEqual(await verdictOn(49, forged), WRONG);
    });
  }

  it("are found in no text by looking for long", () => {
    const began = performance.now();
    assert.equal(adSubCode("80090308: LdapErr: ".repeat(1_000_000)), undefined);
    assert.equal(adUpdateError("0".repeat(10_000_000)), undefined);
    assert(performance.now() - began < 500);
  });

  for (const [told, expected] of [
    ["0000052D: Constraint violation - check_password_restrictions: no", "52d"],
    ["00000056: AtrErr: DSID-03191083, #1:", "56"],
    ["00000000: nothing", undefined],
    [" 0000052D: ", undefined],
    ["0000052D", undefined],
    ["x 0000052D: y", undefined],
  ] as const) {
    it(`reads ${JSON.stringify(told)} of a modify as ${expected}`, () => {
      assert.equal(adUpdateError(told), expected);
    });
  }
});

describe("an account that 389 Directory Server or FreeIPA does not let in", () => {
  for (const [said, untold] of [
    ["Account inactivated. Contact system administrator.", "account-disabled"],
    ["Account (Kerberos principal) is expired", "account-expired"],
    ["Too many failed logins.\n", "account-locked"],
    ["Entry permanently locked.\n", "account-locked"],
  ] as const) {
    it(`is refused as a wrong password is: ${said.trim()}`, async () => {
      assert.deepEqual(await verdictOn(53, said), { ...WRONG, untold });
      const both = await verdictOn(53, said, [policy("3003810101")]);
      assert.deepEqual(both, { ...WRONG, untold });
    });
  }

  it("is told by the whole text, or the server could not say", async () => {
    for (const said of [
      "Server is unwilling to perform",
      "x Account inactivated. Contact system administrator.",
      "Account inactivated. Contact system administrator. x",
      "",
    ]) {
      await assert.rejects(verdictOn(53, said), { code: "refused", resultCode: 53 });
    }
  });

  it("is not let in by the text of a success", async () => {
    assert.deepEqual(await verdictOn(0, "Too many failed logins.\n"), ACCEPTED);
  });
});

after(() => assert.deepEqual(unhandled, []));
