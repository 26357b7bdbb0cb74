import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkCrypt } from "../../../src/passwords/crypt/check-crypt.ts";
import { hashCrypt } from "../../../src/passwords/crypt/hash-crypt.ts";

const SHAPES = {
  crypt: /^\$2y\$12\$[./A-Za-z0-9]{53}$/,
  "blf-crypt": /^\$2y\$12\$[./A-Za-z0-9]{53}$/,
  "sha256-crypt": /^\$5\$rounds=100000\$[./A-Za-z0-9]{16}\$[./A-Za-z0-9]{43}$/,
  "sha512-crypt": /^\$6\$rounds=100000\$[./A-Za-z0-9]{16}\$[./A-Za-z0-9]{86}$/,
  argon2: /^\$argon2id\$v=19\$m=65536,t=3,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/,
} as const;

describe("hashCrypt", () => {
  for (const [kind, shape] of Object.entries(SHAPES) as [keyof typeof SHAPES, RegExp][]) {
    it(`writes ${kind} that is checked again, with another salt each time`, async () => {
      const password = "pässwörd€ \\ {SSHA}";
      const [first, second] = await Promise.all([
        hashCrypt(kind, password),
        hashCrypt(kind, password),
      ]);
      assert.match(first, shape);
      assert.notEqual(first, second);
      assert.deepEqual(await checkCrypt(kind, password, first, 30_000), { ok: true });
      const wrong = await checkCrypt(kind, `${password}x`, first, 30_000);
      assert.deepEqual(wrong, { ok: false, reason: "mismatch" });
    });
  }

  it("refuses what no check would accept, without telling it", async () => {
    for (const [kind, password] of [
      ["crypt", "secret\0word"],
      ["blf-crypt", "secret".repeat(100)],
      ["sha512-crypt", `secret${"€".repeat(170)}`],
      ["argon2", ""],
    ] as const) {
      await assert.rejects(hashCrypt(kind, password), (error) => {
        assert(error instanceof RangeError);
        return !error.message.includes("secret");
      });
    }
  });
});
