import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  provesScram,
  readScramKeys,
  type ScramKeys,
  scramKeys,
  scramServerSignature,
  writeScramKeys,
} from "../../src/passwords/scram.ts";
import { RECORDED_VALUES } from "../support/recorded-passwords.ts";

/** RFC 5802 section 5 and RFC 7677 section 3: user `user`, password `pencil`. */
const EXAMPLES = {
  sha1: {
    salt: "QSXCR+Q6sek8bf92",
    authMessage:
      "n=user,r=fyko+d2lbbFgONRv9qkxdawL,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096,c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j",
    proof: "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
    signature: "rmF9pqV8S7suAoZWja4dJRkFsKQ=",
  },
  sha256: {
    salt: "W22ZaJ0SNY7soEsUEjb6gQ==",
    authMessage:
      "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
    proof: "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
    signature: "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
  },
} as const;

async function keysOf(algorithm: "sha1" | "sha256", password: string): Promise<ScramKeys> {
  const salt = Buffer.from(EXAMPLES[algorithm].salt, "base64");
  const keys = await scramKeys(password, salt, 4_096, algorithm);
  assert(typeof keys !== "string", `${keys}`);
  return keys;
}

for (const algorithm of ["sha1", "sha256"] as const) {
  const { authMessage, proof, signature } = EXAMPLES[algorithm];
  const proofBytes = Buffer.from(proof, "base64");

  describe(`SCRAM with ${algorithm}`, () => {
    it("accepts the proof of the RFC's example, and signs as it does", async () => {
      const keys = await keysOf(algorithm, "pencil");
      assert.equal(provesScram(keys, authMessage, proofBytes), true);
      assert.equal(scramServerSignature(keys, authMessage).toString("base64"), signature);
    });

    it("refuses the proof of another password, of another message, and each with a bit turned", async () => {
      const keys = await keysOf(algorithm, "pencil");
      assert.equal(provesScram(await keysOf(algorithm, "pencils"), authMessage, proofBytes), false);
      assert.equal(provesScram(keys, `${authMessage}x`, proofBytes), false);
      assert.equal(provesScram(keys, "", proofBytes), false);
      for (let bit = 0; bit < proofBytes.length * 8; bit++) {
        const turned = Buffer.from(proofBytes);
        turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        assert.equal(provesScram(keys, authMessage, turned), false, `${bit}`);
      }
    });

    it("refuses a proof of another length", async () => {
      const keys = await keysOf(algorithm, "pencil");
      for (const wrong of [
        Buffer.alloc(0),
        proofBytes.subarray(1),
        proofBytes.subarray(0, -1),
        Buffer.concat([proofBytes, Buffer.alloc(1)]),
      ]) {
        assert.equal(provesScram(keys, authMessage, wrong), false);
      }
    });

    it("writes keys that it reads again", async () => {
      const keys = await keysOf(algorithm, "pencil");
      assert.deepEqual(readScramKeys(Buffer.from(writeScramKeys(keys)), algorithm), keys);
      const other = algorithm === "sha1" ? "sha256" : "sha1";
      assert.equal(readScramKeys(Buffer.from(writeScramKeys(keys)), other), undefined);
    });

    it("writes what doveadm has written, of the same salt", async () => {
      const name = algorithm === "sha1" ? "SCRAM-SHA-1" : "SCRAM-SHA-256";
      const recorded = RECORDED_VALUES.filter(({ scheme }) => scheme === name);
      assert(recorded.length > 4);
      for (const { password, stored } of recorded) {
        const text = stored.slice(stored.indexOf("}") + 1);
        const read = readScramKeys(Buffer.from(text), algorithm);
        assert(read, text);
        const keys = await scramKeys(password, read.salt, read.iterations, algorithm);
        assert(typeof keys !== "string", `${keys}`);
        assert.equal(writeScramKeys(keys), text);
      }
    });
  });
}

describe("readScramKeys", () => {
  const key = Buffer.alloc(32, 1).toString("base64");
  const read = (text: string) => readScramKeys(Buffer.from(text), "sha256");

  it("reads four fields", () => {
    assert.equal(read(`4096,c2FsdA==,${key},${key}`)?.iterations, 4_096);
    assert.equal(read(`4096,c2FsdA==,${key},${key}`)?.salt.toString(), "salt");
  });

  it("reads nothing else", () => {
    for (const text of [
      "",
      ",,,",
      `4095,c2FsdA==,${key},${key}`,
      `0,c2FsdA==,${key},${key}`,
      `-4096,c2FsdA==,${key},${key}`,
      `4096.5,c2FsdA==,${key},${key}`,
      `4e9,c2FsdA==,${key},${key}`,
      `2147483648,c2FsdA==,${key},${key}`,
      `99999999999,c2FsdA==,${key},${key}`,
      ` 4096,c2FsdA==,${key},${key}`,
      `4096,c2FsdA,${key},${key}`,
      `4096,c2FsdA==,${key}`,
      `4096,c2FsdA==,${key},${key},`,
      `4096,c2FsdA==,${key},AAAA`,
      `4096,c2FsdA==,AAAA,${key}`,
      `4096,c2FsdA==,,${key}`,
    ]) {
      assert.equal(read(text), undefined, text);
    }
  });
});

describe("scramKeys", () => {
  it("refuses to compute what would take too long, and what is nothing", async () => {
    const salt = Buffer.from("salt");
    assert.equal(await scramKeys("x", salt, 2_000_001, "sha256"), "too-expensive");
    assert.equal(await scramKeys("x", salt, 2 ** 31 - 1, "sha1"), "too-expensive");
    for (const odd of [0, -1, Number.NaN, 1.5]) {
      assert.equal(await scramKeys("x", salt, odd, "sha1"), "malformed");
    }
  });

  it("is unavailable when there is no time left", async () => {
    assert.equal(await scramKeys("x", Buffer.from("salt"), 4_096, "sha256", 0), "unavailable");
  });
});
