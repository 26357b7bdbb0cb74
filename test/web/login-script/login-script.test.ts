import assert from "node:assert/strict";
import { createHmac, randomBytes, webcrypto } from "node:crypto";
import { describe, it } from "node:test";
import { createContext, runInContext } from "node:vm";
import { LOGIN_SCRIPT } from "../../../src/web/login-script/login-script.ts";
import { MD5_SCRIPT } from "../../../src/web/login-script/md5-script.ts";
import { MECHANISMS_SCRIPT } from "../../../src/web/login-script/mechanisms-script.ts";
import { scramClient } from "../../support/challenge-client.ts";

interface Browser {
  hmacMd5(key: Uint8Array, message: Uint8Array): Uint8Array;
  cramMd5Response(username: string, password: string, challenge: string): string;
  startScram(
    username: string,
    password: string,
    nonce?: string,
  ): {
    readonly clientFirst: string;
    finish(serverFirst: string): Promise<{ clientFinal: string; serverFinal: string }>;
  };
}

/** The functions of the script, with just what a browser has. */
function load(): Browser {
  const globals = { crypto: webcrypto, TextEncoder, TextDecoder, btoa, atob, Uint8Array };
  const names = "{ hmacMd5, cramMd5Response, startScram }";
  return runInContext(
    `(() => { "use strict"; ${MD5_SCRIPT}${MECHANISMS_SCRIPT} return ${names}; })()`,
    createContext(globals),
  ) as Browser;
}

describe("the login page's script", () => {
  const { hmacMd5, cramMd5Response, startScram } = load();
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

  it("computes HMAC-MD5 as Node does, for keys and texts around each block's end", () => {
    const lengths = [0, 1, 15, 16, 31, 54, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 129, 1_024];
    for (const keyLength of lengths) {
      for (const length of lengths) {
        const [key, message] = [randomBytes(keyLength), randomBytes(length)];
        const expected = createHmac("md5", key).update(message).digest("hex");
        assert.equal(hex(hmacMd5(key, message)), expected, `${keyLength} ${length}`);
      }
    }
  });

  it("answers RFC 2195's challenge as its example does", () => {
    const challenge = "<1896.697170952@postoffice.reston.mci.net>";
    const expected = "tim b913a602c7eda7a495b4e6e7334d3890";
    assert.equal(cramMd5Response("tim", "tanstaaftanstaaf", challenge), expected);
  });

  it("speaks RFC 7677's example of SCRAM-SHA-256", async () => {
    const nonce = "rOprNGfwEbeRWgbNEkqO";
    const exchange = startScram("user", "pencil", nonce);
    assert.equal(exchange.clientFirst, `n,,n=user,r=${nonce}`);
    const both = `${nonce}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0`;
    const said = await exchange.finish(`r=${both},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`);
    assert.deepEqual(
      { ...said },
      {
        clientFinal: `c=biws,r=${both},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`,
        serverFinal: "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
      },
    );
  });

  it("takes passwords and names as they are typed, in UTF-8", async () => {
    const password = "Stra\u00dfe \u{1f511} e\u0301\ufb01 ";
    const expected = createHmac("md5", password).update("<a@b>").digest("hex");
    assert.equal(cramMd5Response("j\u00f6rg", password, "<a@b>"), `j\u00f6rg ${expected}`);

    const theirs = scramClient("j\u00f6rg,=x", password);
    const first = Buffer.from(theirs.clientFirst, "base64").toString();
    const nonce = first.split("r=")[1] ?? "";
    const exchange = startScram("j\u00f6rg,=x", password, nonce);
    assert.equal(exchange.clientFirst, first);
    const serverFirst = `r=${nonce}server,s=c2FsdA==,i=4096`;
    const ours = await exchange.finish(serverFirst);
    const { clientFinal, serverFinal } = theirs.finish(Buffer.from(serverFirst).toString("base64"));
    assert.equal(Buffer.from(clientFinal, "base64").toString(), ours.clientFinal);
    assert.equal(Buffer.from(serverFinal, "base64").toString(), ours.serverFinal);
  });

  it("makes a nonce of its own each time, and answers nobody else's", async () => {
    const nonces = Array.from({ length: 50 }, () => startScram("u", "p").clientFirst);
    assert.equal(new Set(nonces).size, 50);
    const exchange = startScram("u", "p", "mine");
    for (const serverFirst of [
      "r=mine,s=c2FsdA==,i=4096",
      "r=yours,s=c2FsdA==,i=4096",
      "r=xmine1,s=c2FsdA==,i=4096",
      "r=mine1,s=c2FsdA==,i=0",
      "r=mine1,s=c2FsdA==,i=999999999",
      "r=mine1,s=c2FsdA==",
      "m=x,r=mine1,s=c2FsdA==,i=4096",
      "",
    ]) {
      await assert.rejects(exchange.finish(serverFirst), { message: /Not an answer/ }, serverFirst);
    }
  });

  it("is one expression of plain text that runs nothing it is given", () => {
    assert.doesNotMatch(
      LOGIN_SCRIPT,
      /\beval\b|new Function|innerHTML|insertAdjacentHTML|document\.write/,
    );
    assert.match(LOGIN_SCRIPT, /^\(\(\) => \{\n"use strict";/);
    assert.doesNotMatch(LOGIN_SCRIPT, /https?:\/\/(?!address)[a-z]/);
  });
});
