import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  checkFileHash as checkUntil,
  type HashVerdict,
} from "../../../src/authentication/files/file-hash.ts";
import { startDeadline } from "../../../src/directory/deadline.ts";
import { DirectoryError } from "../../../src/errors.ts";

/** What htpasswd, openssl and crypt(3) made. */
const HASHES = JSON.parse(
  readFileSync(new URL("../../fixtures/htpasswd-hashes.json", import.meta.url), "utf8"),
) as readonly { readonly by: string; readonly password: string; readonly hash: string }[];

const checkFileHash = (password: string, hash: string): Promise<HashVerdict> =>
  checkUntil(password, hash, startDeadline(30_000));

describe("checkFileHash", () => {
  for (const { by, password, hash } of HASHES) {
    it(`tells the password of ${hash.slice(0, 20)}… by ${by} from others (${password})`, async () => {
      assert.equal(await checkFileHash(password, hash), "fits");
      assert.equal(await checkFileHash("", hash), "wrong");
      assert.equal(await checkFileHash(`?${password}`, hash), "wrong");
      assert.equal(await checkFileHash(hash, hash), "wrong");
    });
  }

  it("knows bcrypt by all its three names", async () => {
    const bcrypt = HASHES.find(({ hash }) => hash.startsWith("$2y$"));
    assert(bcrypt);
    for (const name of ["$2a$", "$2b$"]) {
      const hash: string = bcrypt.hash.replace("$2y$", name);
      assert.equal(await checkFileHash(bcrypt.password, hash), "fits");
      assert.equal(await checkFileHash("other", hash), "wrong");
    }
  });

  it("lets eight bytes decide with DES, as crypt(3) does, and all with the others", async () => {
    for (const { by, password, hash } of HASHES) {
      const isDes = hash.length === 13;
      // bcrypt takes 72 bytes.
      if (by === "htpasswd -B" && Buffer.byteLength(password) >= 72) continue;
      if (Buffer.byteLength(password) < 8) continue;
      const verdict = await checkFileHash(`${password}x`, hash);
      assert.equal(verdict, isDes ? "fits" : "wrong", hash);
    }
  });

  const six =
    "svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1";
  for (const hash of [
    "",
    "*",
    "!",
    "file-pw",
    "rEK1ecacw.7.c!",
    "{SHA}",
    "{SHA}notbase64",
    "{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
    "{PLAIN}file-pw",
    "$y$j9T$abc$def",
    "$2y$31$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyz0123",
    "$2y$15$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyz01234",
    "$2y$03$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyz01234",
    "$2y$05$short",
    `$6$rounds=999999999$saltstring$${six}`,
    `$6$rounds=999$saltstring$${six}`,
    `$6$rounds=010000$saltstring$${six}`,
    `$6$saltstringsaltstring$${six}`,
    `$6$sält$${six}`,
    "$1$ninelette$k.3C4sd1M5nhsk1raMJQx1",
    "$apr1$$$",
    "$apr1$",
  ]) {
    it(`lets nobody in by ${hash || "an empty hash"}, which it can't check`, async () => {
      for (const password of ["file-pw", "Hello world!", "", hash]) {
        assert.equal(await checkFileHash(password, hash), "unusable");
      }
    });
  }

  it("lets other work go on during many rounds", async () => {
    let turns = 0;
    let isOver = false;
    const check = checkFileHash("x", `$6$rounds=50000$saltstring$${six}`).finally(() => {
      isOver = true;
    });
    while (!isOver) {
      await nextTurn();
      turns++;
    }
    assert.equal(await check, "wrong");
    assert(turns > 50, `${turns} turns`);
  });

  it("rejects with a DirectoryError, which is answered with 503, when the time is over or too many wait", async () => {
    const bcrypt = HASHES.find(({ hash }) => hash.startsWith("$2y$"));
    assert(bcrypt);
    const { password, hash } = bcrypt;
    const codeOf = async (timeout: number) => {
      try {
        return await checkUntil(password, hash, startDeadline(timeout));
      } catch (error) {
        assert(error instanceof DirectoryError);
        assert(!error.message.includes(password) && !error.message.includes(hash));
        return error.code;
      }
    };
    assert.equal(await codeOf(0), "timeout");
    const all = await Promise.all(Array.from({ length: 230 }, () => codeOf(1_000)));
    assert(all.includes("busy"));
    assert(all.includes("fits") || all.includes("timeout"));
    const odd = all.filter((each) => !["fits", "busy", "timeout"].includes(each));
    assert.deepEqual(odd, []);
    assert.equal(await codeOf(30_000), "fits");
  });
});
