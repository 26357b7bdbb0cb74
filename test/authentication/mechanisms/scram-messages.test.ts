import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  readClientFinal,
  readClientFirst,
} from "../../../src/authentication/mechanisms/scram-messages.ts";

const NONCE = "rOprNGfwEbeRWgbNEkqO";
const PROOF = Buffer.alloc(32, 7).toString("base64");

describe("readClientFirst", () => {
  it("reads the example of RFC 7677", () => {
    assert.deepEqual(readClientFirst(`n,,n=user,r=${NONCE}`), {
      username: "user",
      clientNonce: NONCE,
      bare: `n=user,r=${NONCE}`,
      gs2Header: "n,,",
    });
  });

  it("takes a client that could bind to a channel but was not offered it", () => {
    assert.equal(readClientFirst(`y,,n=user,r=${NONCE}`)?.gs2Header, "y,,");
  });

  it("decodes a comma and an equals sign in a name, and leaves all else as it is", () => {
    const names = [
      ["a=2Cb", "a,b"],
      ["a=3Db", "a=b"],
      ["=3D2C", "=2C"],
      ["Jörg Ä €", "Jörg Ä €"],
      [" a ", " a "],
    ];
    for (const [written, name] of names) {
      assert.equal(readClientFirst(`n,,n=${written},r=x`)?.username, name);
    }
  });

  it("takes an authorization id that is the name itself, and no other", () => {
    const read = readClientFirst("n,a=a=2Cb,n=a=2Cb,r=x");
    assert.equal(read?.username, "a,b");
    assert.equal(read.gs2Header, "n,a=a=2Cb,");
    assert.equal(read.bare, "n=a=2Cb,r=x");
    assert.equal(readClientFirst("n,a=admin,n=alice,r=x"), undefined);
    assert.equal(readClientFirst("n,a=ALICE,n=alice,r=x"), undefined);
    assert.equal(readClientFirst("n,a=,n=alice,r=x"), undefined);
  });

  it("ignores extensions that may be ignored", () => {
    assert.equal(
      readClientFirst("n,,n=alice,r=x,f=anything,Q=y=z")?.bare,
      "n=alice,r=x,f=anything,Q=y=z",
    );
  });

  for (const [what, text] of [
    ["nothing", ""],
    ["channel binding", "p=tls-exporter,,n=alice,r=x"],
    ["an unknown flag", "x,,n=alice,r=x"],
    ["no GS2 header", "n=alice,r=x"],
    ["half a GS2 header", "n,n=alice,r=x"],
    ["a mandatory extension", "n,,m=ext,n=alice,r=x"],
    ["a mandatory extension behind", "n,,n=alice,r=x,m=ext"],
    ["a second nonce", "n,,n=alice,r=x,r=y"],
    ["a second name", "n,,n=alice,r=x,n=bob"],
    ["an extension without a value", "n,,n=alice,r=x,f="],
    ["an empty name", "n,,n=,r=x"],
    ["no name", "n,,r=x"],
    ["name and nonce swapped", "n,,r=x,n=alice"],
    ["a bare equals sign", "n,,n=a=b,r=x"],
    ["an escape in small letters", "n,,n=a=2cb,r=x"],
    ["a NUL in the name", "n,,n=a\0b,r=x"],
    ["a lone surrogate", "n,,n=a\ud800,r=x"],
    ["an empty nonce", "n,,n=alice,r="],
    ["no nonce", "n,,n=alice"],
    ["a blank in the nonce", "n,,n=alice,r=a b"],
    ["letters beyond ASCII in the nonce", "n,,n=alice,r=é"],
    ["a nonce of 257 letters", `n,,n=alice,r=${"x".repeat(257)}`],
    ["9,000 letters", `n,,n=${"x".repeat(9_000)},r=x`],
    ["a line break before it", "\nn,,n=alice,r=x"],
    ["a line break in the nonce", "n,,n=alice,r=x\n"],
  ] as const) {
    it(`refuses ${what}`, () => assert.equal(readClientFirst(text), undefined));
  }

  it("never throws, and never makes up what was not there", () => {
    const part = fc.constantFrom(
      "n",
      "y",
      "p=",
      ",",
      "=",
      "a=",
      "n=",
      "r=",
      "m=",
      "=2C",
      "x",
      "é",
      "\0",
    );
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(part).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(text, (message) => {
        const read = readClientFirst(message);
        if (read === undefined) return;
        assert.equal(read.gs2Header + read.bare, message);
        assert(read.username.length > 0 && read.clientNonce.length > 0);
        assert(message.includes(`r=${read.clientNonce}`));
      }),
      { numRuns: 2_000 },
    );
  });

  it("refuses what is no text", () => {
    for (const value of [undefined, null, 1, {}, [], Buffer.from("n,,n=a,r=x")]) {
      assert.equal(readClientFirst(value as never), undefined);
      assert.equal(readClientFinal(value as never), undefined);
    }
  });
});

describe("readClientFinal", () => {
  it("reads the example of RFC 7677", () => {
    const nonce = `${NONCE}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0`;
    const text = `c=biws,r=${nonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`;
    const read = readClientFinal(text);
    assert.equal(read?.channelBinding, "biws");
    assert.equal(read.nonce, nonce);
    assert.equal(read.withoutProof, `c=biws,r=${nonce}`);
    assert.equal(read.proof.toString("base64"), "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
  });

  it("keeps extensions in what was signed", () => {
    assert.equal(readClientFinal(`c=biws,r=x,f=y,p=${PROOF}`)?.withoutProof, "c=biws,r=x,f=y");
  });

  for (const [what, text] of [
    ["nothing", ""],
    ["no proof", "c=biws,r=x"],
    ["an empty proof", "c=biws,r=x,p="],
    ["a proof of 31 bytes", `c=biws,r=x,p=${Buffer.alloc(31).toString("base64")}`],
    ["a proof of 33 bytes", `c=biws,r=x,p=${Buffer.alloc(33).toString("base64")}`],
    ["a proof without padding", `c=biws,r=x,p=${PROOF.replace("=", "")}`],
    ["a proof in another alphabet", `c=biws,r=x,p=${Buffer.alloc(32, 255).toString("base64url")}=`],
    ["a blank behind the proof", `c=biws,r=x,p=${PROOF} `],
    ["bits that no byte has", `c=biws,r=x,p=${PROOF.replace(/.=$/, "d=")}`],
    ["something behind the proof", `c=biws,r=x,p=${PROOF},f=y`],
    ["two proofs", `c=biws,r=x,p=${PROOF},p=${PROOF}`],
    ["no channel binding", `r=x,p=${PROOF}`],
    ["an empty channel binding", `c=,r=x,p=${PROOF}`],
    ["a channel binding that is no base64", `c=bi*s,r=x,p=${PROOF}`],
    ["no nonce", `c=biws,p=${PROOF}`],
    ["a second nonce", `c=biws,r=x,r=y,p=${PROOF}`],
    ["a mandatory extension", `c=biws,r=x,m=y,p=${PROOF}`],
  ] as const) {
    it(`refuses ${what}`, () => assert.equal(readClientFinal(text), undefined));
  }

  it("never throws", () => {
    const part = fc.constantFrom("c=", "r=", "p=", ",", "biws", "x", PROOF, "m=", "=", "\ud800");
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(part).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(text, (message) => {
        const read = readClientFinal(message);
        if (read !== undefined) assert.equal(read.proof.length, 32);
      }),
      { numRuns: 2_000 },
    );
  });
});
