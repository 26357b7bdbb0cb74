import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  cramMd5Proof,
  newCramMd5Challenge,
  readCramMd5Response,
} from "../../../src/authentication/mechanisms/cram-md5.ts";

/** RFC 2195 section 2. */
const EXAMPLE = {
  username: "tim",
  challenge: "<1896.697170952@postoffice.reston.mci.net>",
  digest: "b913a602c7eda7a495b4e6e7334d3890",
} as const;
const PASSWORD = "tanstaaftanstaaf";
/** doveadm pw -s CRAM-MD5 -p test */
const TEST = "e02d374fde0dc75a17a557039a3a5338c7743304777dccd376f332bee68d2cf6";

const digestOf = (password: string, challenge: string) =>
  createHmac("md5", password).update(challenge).digest("hex");

describe("newCramMd5Challenge", () => {
  it("has random digits, the time and the host, as RFC 2195 has it, and never comes twice", () => {
    const challenges = new Set(
      Array.from({ length: 1_000 }, () => newCramMd5Challenge("www.example.org")),
    );
    assert.equal(challenges.size, 1_000);
    for (const challenge of challenges) {
      assert.match(challenge, /^<[0-9a-f]{32}\.\d{10}@www\.example\.org>$/);
    }
  });

  it("takes no host that can be none, whatever a visitor calls this site", () => {
    for (const host of ["", "a b", "a>b", "a\r\nb", "<", "é", "x".repeat(300), "a@b"]) {
      assert.match(newCramMd5Challenge(host), /@localhost>$/);
    }
    assert.match(newCramMd5Challenge("[::1]"), /@\[::1\]>$/);
  });
});

describe("readCramMd5Response", () => {
  it("reads the example of RFC 2195", () => {
    const { username, digest } = EXAMPLE;
    assert.deepEqual(readCramMd5Response(`${username} ${digest}`), { username, digest });
  });

  it("splits at the last blank", () => {
    const { digest } = EXAMPLE;
    for (const username of [
      "two words",
      " ",
      "a  b",
      "name ",
      "\ttab",
      `x ${digest}`,
      "line\nbreak",
    ]) {
      assert.deepEqual(readCramMd5Response(`${username} ${digest}`), { username, digest });
    }
  });

  for (const [what, text] of [
    ["nothing", ""],
    ["no digest", "tim"],
    ["an empty digest", "tim "],
    ["no name", EXAMPLE.digest],
    ["an empty name", ` ${EXAMPLE.digest}`],
    ["capitals in the digest, as Dovecot does", `tim ${EXAMPLE.digest.toUpperCase()}`],
    ["31 digits", `tim ${EXAMPLE.digest.slice(1)}`],
    ["33 digits", `tim ${EXAMPLE.digest}0`],
    ["a blank behind", `tim ${EXAMPLE.digest} `],
    ["a line break behind", `tim ${EXAMPLE.digest}\n`],
    ["a tab between", `tim\t${EXAMPLE.digest}`],
    ["what is too long", `${"x".repeat(2_048)} ${EXAMPLE.digest}`],
  ] as const) {
    it(`refuses ${what}`, () => assert.equal(readCramMd5Response(text), undefined));
  }

  it("never throws, and gives back what was there", () => {
    const part = fc.constantFrom(" ", "tim", EXAMPLE.digest, "\0", "é", "\ud800", "F");
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(part).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(text, (response) => {
        const read = readCramMd5Response(response);
        if (read !== undefined) assert.equal(`${read.username} ${read.digest}`, response);
      }),
      { numRuns: 2_000 },
    );
    for (const value of [undefined, null, 5, {}, ["a"]]) {
      assert.equal(readCramMd5Response(value as never), undefined);
    }
  });
});

describe("cramMd5Proof", () => {
  it("fits the password of RFC 2195's example in plain text", async () => {
    const proof = cramMd5Proof(EXAMPLE);
    assert.equal(proof.mechanism, "cram-md5");
    assert.equal(proof.username, "tim");
    assert.deepEqual(await proof.check(`{PLAIN}${PASSWORD}`), { ok: true });
    assert.deepEqual(await proof.check(`{cleartext}${PASSWORD}`), { ok: true });
    const mismatch = { ok: false, reason: "mismatch" };
    assert.deepEqual(await proof.check(`{PLAIN}${PASSWORD}x`), mismatch);
    const other = cramMd5Proof({ ...EXAMPLE, challenge: "<1.2@postoffice.reston.mci.net>" });
    assert.deepEqual(await other.check(`{PLAIN}${PASSWORD}`), mismatch);
  });

  it("fits {CRAM-MD5} and {HMAC-MD5} in any letter case, without the password", async () => {
    const challenge = newCramMd5Challenge("localhost");
    const right = cramMd5Proof({ username: "x", challenge, digest: digestOf("test", challenge) });
    const wrong = cramMd5Proof({ username: "x", challenge, digest: digestOf("Test", challenge) });
    for (const scheme of ["{CRAM-MD5}", "{HMAC-MD5}", "{cram-md5}"]) {
      assert.deepEqual(await right.check(scheme + TEST), { ok: true });
      assert.deepEqual(await wrong.check(scheme + TEST), { ok: false, reason: "mismatch" });
    }
  });

  it("is not made of the stored value itself", async () => {
    const challenge = newCramMd5Challenge("localhost");
    for (const secret of [TEST, `{CRAM-MD5}${TEST}`]) {
      const proof = cramMd5Proof({ username: "x", challenge, digest: digestOf(secret, challenge) });
      assert.deepEqual(await proof.check(`{CRAM-MD5}${TEST}`), { ok: false, reason: "mismatch" });
    }
  });

  it("can't be told of other schemes, nor of what is damaged, and nobody has the empty password", async () => {
    const challenge = newCramMd5Challenge("localhost");
    const proof = cramMd5Proof({ username: "x", challenge, digest: digestOf("test", challenge) });
    for (const [stored, reason] of [
      ["{SSHA}faTXXrIO3L9PEboLX7Fb0TcCbMxu98uN", "unknown-scheme"],
      ["{NOPE}test", "unknown-scheme"],
      [`{CRAM-MD5}${TEST.slice(2)}`, "malformed"],
      ["test", "no-scheme"],
      ["", "no-scheme"],
    ] as const) {
      assert.deepEqual(await proof.check(stored), { ok: false, reason }, stored);
    }
    const empty = cramMd5Proof({ username: "x", challenge, digest: digestOf("", challenge) });
    assert.deepEqual(await empty.check("{PLAIN}"), { ok: false, reason: "mismatch" });
  });
});
