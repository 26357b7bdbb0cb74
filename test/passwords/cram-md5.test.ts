import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  checkCramMd5Response,
  cramMd5Context,
  cramMd5Response,
} from "../../src/passwords/cram-md5.ts";
import {
  finishMd5,
  md5StateAfter,
  readMd5State,
  writeMd5State,
} from "../../src/passwords/md5-state.ts";
import { RECORDED_VALUES } from "../support/recorded-passwords.ts";

const CHALLENGE = "<1896.697170952@postoffice.reston.mci.net>";
const ofTest = "{CRAM-MD5}e02d374fde0dc75a17a557039a3a5338c7743304777dccd376f332bee68d2cf6";
const answer = (password: string) => ({
  challenge: CHALLENGE,
  digest: createHmac("md5", password).update(CHALLENGE).digest("hex"),
});

describe("MD5 in two parts", () => {
  it("comes out as node:crypto's, of any block and any rest", () => {
    const bytes = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength });
    fc.assert(
      fc.property(bytes(64, 64), bytes(0, 200), (block, rest) => {
        const written = writeMd5State(md5StateAfter(block));
        const expected = createHash("md5").update(block).update(rest).digest();
        assert.deepEqual(finishMd5(readMd5State(written), rest), expected);
      }),
      { numRuns: 300 },
    );
  });

  it("comes out as node:crypto's at every length around a block's end", () => {
    const block = Buffer.alloc(64, 7);
    for (let length = 0; length < 130; length++) {
      const rest = Buffer.alloc(length, length);
      const expected = createHash("md5").update(block).update(rest).digest();
      assert.deepEqual(finishMd5(md5StateAfter(block), rest), expected, `${length}`);
    }
  });
});

describe("cramMd5Context", () => {
  it("is what doveadm writes", () => {
    const recorded = RECORDED_VALUES.filter(({ scheme }) => /^(CRAM|HMAC)-MD5$/.test(scheme));
    assert(recorded.length >= 13);
    for (const { password, stored } of recorded) {
      assert.equal(stored.replace(/^.*\}/, ""), cramMd5Context(password).toString("hex"));
    }
  });
});

describe("cramMd5Response", () => {
  it("gives the answer of RFC 2195 section 2", () => {
    const expected = "b913a602c7eda7a495b4e6e7334d3890";
    assert.equal(cramMd5Response("tanstaaftanstaaf", CHALLENGE), expected);
    assert.equal(cramMd5Response(cramMd5Context("tanstaaftanstaaf"), CHALLENGE), expected);
  });

  it("is HMAC-MD5, of any password and any challenge", () => {
    const text = fc.string({ unit: "binary", maxLength: 150 });
    fc.assert(
      fc.property(text, text, (password, challenge) => {
        const expected = createHmac("md5", password).update(challenge).digest("hex");
        assert.equal(cramMd5Response(password, challenge), expected);
      }),
      { numRuns: 300 },
    );
  });
});

describe("checkCramMd5Response", () => {
  it("accepts the answer of who knows the password, of values that it can be told of", () => {
    const values = [
      ofTest,
      ofTest.replace("CRAM", "HMAC"),
      "{cram-md5.b64}4C03T94Nx1oXpVcDmjpTOMd0MwR3fczTdvMyvuaNLPY=",
      "{PLAIN}test",
      "{CLEARTEXT}test",
      "{CLEAR}test",
      "{PLAIN.hex}74657374",
    ];
    for (const stored of values) {
      assert.deepEqual(checkCramMd5Response(stored, answer("test")), { ok: true }, stored);
      const wrong = checkCramMd5Response(stored, answer("tesT"));
      assert.deepEqual(wrong, { ok: false, reason: "mismatch" });
    }
  });

  it("refuses the right answer to another challenge, in capitals, cut off or with more behind it", () => {
    const { challenge, digest } = answer("test");
    for (const wrong of [
      { challenge: `${challenge}x`, digest },
      { challenge: "", digest },
      { challenge, digest: digest.toUpperCase() },
      { challenge, digest: digest.slice(0, -1) },
      { challenge, digest: `${digest}0` },
      { challenge, digest: ` ${digest}` },
      { challenge, digest: "" },
    ]) {
      assert.deepEqual(checkCramMd5Response(ofTest, wrong), { ok: false, reason: "mismatch" });
    }
  });

  it("lets nobody in by the empty password", () => {
    const context = cramMd5Context("").toString("hex");
    for (const stored of ["{PLAIN}", "{CLEARTEXT}", `{CRAM-MD5}${context}`, "{PLAIN.b64}AAA="]) {
      const checked = checkCramMd5Response(stored, answer(""));
      assert.deepEqual(checked, { ok: false, reason: "mismatch" }, stored);
    }
  });

  it("can't tell of other schemes, nor of what can't be read", () => {
    const reasons = {
      "{SSHA}faTXXrIO3L9PEboLX7Fb0TcCbMxu98uN": "unknown-scheme",
      "{PLAIN-TRUNC}4-test": "unknown-scheme",
      "{PLAIN-MD5}098f6bcd4621d373cade4e832627b4f6": "unknown-scheme",
      "{NOPE}test": "unknown-scheme",
      "{CRAM-MD5}test": "malformed",
      "{CRAM-MD5}": "malformed",
      test: "no-scheme",
      "": "no-scheme",
    };
    for (const [stored, reason] of Object.entries(reasons)) {
      assert.deepEqual(checkCramMd5Response(stored, answer("test")), { ok: false, reason }, stored);
    }
  });

  it("never throws, whatever it is given", () => {
    for (const odd of [undefined, null, 7, {}, ["a"]]) {
      assert.equal(checkCramMd5Response(odd as unknown as string, answer("test")).ok, false);
      const wrong = { challenge: odd, digest: odd } as unknown as ReturnType<typeof answer>;
      assert.equal(checkCramMd5Response(ofTest, wrong).ok, false);
    }
  });
});
