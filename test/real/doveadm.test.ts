import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { before, describe, it } from "node:test";
import fc from "fast-check";
import { hashPassword, type WrittenScheme } from "../../src/passwords/hash-password.ts";
import { isSchemeName } from "../../src/passwords/scheme-data.ts";
import { verifyPassword } from "../../src/passwords/verify-password.ts";
import { realProgram } from "../support/real.ts";
import {
  forEachRecorded,
  RECORDED_VALUES,
  RECORDED_VERDICTS,
} from "../support/recorded-passwords.ts";

const doveadm = realProgram("doveadm");
const USER = "user@example.org";
/** Milliseconds: many wait for two threads. */
const timeout = 60_000;

/** Of no configuration of this machine. Its exit status, and what it wrote. */
function run(...args: readonly string[]): Promise<{ status: number; stdout: string }> {
  const { promise, resolve } = Promise.withResolvers<{ status: number; stdout: string }>();
  execFile(doveadm.path ?? "", ["-c", "/dev/null", "pw", ...args], (error, stdout) => {
    resolve({ status: typeof error?.code === "number" ? error.code : error ? -1 : 0, stdout });
  });
  return promise;
}

/** What `doveadm pw -t` says; any other exit status than yes and no is an error of the test. */
async function doveadmAccepts(password: string, stored: string): Promise<boolean> {
  const { status } = await run("-t", stored, "-p", password, "-u", USER);
  assert(status === 0 || status === 75, `doveadm ended with ${status} for ${stored}`);
  return status === 0;
}

async function accepts(password: string, stored: string): Promise<boolean> {
  return (await verifyPassword(password, stored, { username: USER, timeout })).ok;
}

describe("doveadm", { skip: doveadm.skip }, () => {
  let schemes: readonly string[] = [];
  before(async () => {
    schemes = (await run("-l")).stdout.trim().split(/\s+/);
  });

  it("knows only schemes that are known here", () => {
    assert(schemes.length >= 31, schemes.join(" "));
    const unknown = schemes.filter((name) => !isSchemeName(name));
    assert.deepEqual(unknown, []);
  });

  it("writes values of each of its schemes that are accepted here, and wrong passwords are not", async () => {
    const passwords = ["test", "pässwörd☃", " two  words ", '{PLAIN}"$\\', "x".repeat(72)];
    const pairs = schemes.flatMap((scheme) => passwords.map((password) => ({ scheme, password })));
    await forEachRecorded(pairs, async ({ scheme, password }) => {
      const { stdout } = await run("-s", scheme, "-p", password, "-u", USER);
      const stored = stdout.replace(/\n$/, "");
      assert(stored.startsWith(`{${scheme}}`), stored);
      // It does not accept its own of this one.
      assert.equal(await accepts(password, stored), scheme !== "PLAIN-TRUNC", stored);
      // In front, as DES looks at 8 bytes and bcrypt at 72.
      assert.equal(await accepts(`w${password}`, stored), false, stored);
    });
  });

  const WRITTEN: readonly WrittenScheme[] = [
    ...(["ARGON2ID", "BLF-CRYPT", "CRYPT", "SHA256-CRYPT", "SHA512-CRYPT", "PBKDF2"] as const),
    ...(["SCRAM-SHA-256", "CRAM-MD5", "SSHA", "SSHA256", "SSHA512"] as const),
  ];
  for (const scheme of WRITTEN) {
    it(`accepts {${scheme}} as hashPassword writes it, and not for another password`, async () => {
      for (const password of ["test", 'pässwörd☃ "{PLAIN}$\\', "y".repeat(72)]) {
        const stored = await hashPassword(password, scheme);
        assert.equal(await doveadmAccepts(password, stored), true, stored);
        assert.equal(await doveadmAccepts(`w${password}`, stored), false, stored);
      }
    });
  }

  it("says the same as here of every seventh recorded pair", async () => {
    const sample = RECORDED_VERDICTS.filter((_, at) => at % 7 === 0);
    await forEachRecorded(sample, async ({ password, stored, ok }) => {
      assert.equal(await doveadmAccepts(password, stored), ok, stored);
      // Dovecot has no {ARGON2}, and hash-wasm hashes no empty password; see verify-password.test.ts.
      if (stored.startsWith("{ARGON2}") || (stored.includes("$argon2") && password === "")) return;
      assert.equal(await accepts(password, stored), ok, stored);
    });
  });

  it("says the same as here of values by hand", async () => {
    const md5 = "098f6bcd4621d373cade4e832627b4f6";
    for (const stored of [
      "{SHA}qUq P5cyxm6YcTAhz05Hph5gvu9M=",
      "{SHA}qUqP5cyxm6YcTAhz05Hph5gvu9M\t=",
      "{SHA}qUqP5cyxm6YcTAhz05Hph5gvu9M=\v",
      "{SHA}qUqP5cyxm6YcTAhz05Hph5gvu9N=",
      `{SHA}qUqP5cyxm6YcTAhz05Hph5gvu9M=${" ".repeat(12)}`,
      "{PLAIN.b64}dGVzdA==",
      "{PLAIN.hex}7465737400",
      "{PLAIN.hex}dGVzdA==",
      "{PLAIN-TRUNC}2-te",
      "{PLAIN-TRUNC}2-tex",
      "{PLAIN-TRUNC}9-test",
      "{PLAIN-TRUNC}-test",
      "{PLAIN-TRUNC}4294967298-te",
      "$1$atSU6APA$aZQ1.TGD.HeGNv5HJkWVF1$ignored",
      "{MD5-CRYPT}$1$atSU6APA$aZQ1.TGD.HeGNv5HJkWVF1$ignored",
      "$1$atSU6APA",
      `{MD5.b64}${Buffer.from(md5).toString("base64")}`,
      `{MD5.b64}${Buffer.from("$1$atSU6APA$aZQ1.TGD.HeGNv5HJkWVF1").toString("base64")}`,
      "{MD5} CY9rzUYh03PK3k6DJie09g== ",
      "{OTP}sha1 1024 A2D8C2EC5128848A 5FD5F0AB751816AA",
      "{OTP}sha1 01024 a2d8c2ec5128848a 5fd5f0ab751816aa",
      "{OTP}md4 5 ab12cd34 acd874ac1f1b3f08",
      "{OTP}md5 5 AbC1 a1355912e05eeac7",
      "{OTP}md5 5 0123456789abcdefg f3fcbda71891ca58",
      "{DIGEST-MD5}7144b992e97845f35a4772b6ac708a92",
      "{ßHA}qUqP5cyxm6YcTAhz05Hph5gvu9M=",
      "{SſHA}faTXXrIO3L9PEboLX7Fb0TcCbMxu98uN",
    ]) {
      assert.equal(await accepts("test", stored), await doveadmAccepts("test", stored), stored);
    }
  });

  it("accepts of damaged values whatever is accepted here", async () => {
    const values = RECORDED_VALUES.filter(({ password }) => password !== "");
    const piece = fc.constantFrom("", " ", "=", "$", "{", "}", ".hex", ".b64", "A", "0", "-", ",");
    const place = fc.double({ min: 0, max: 1, noNaN: true });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...values),
        fc.tuple(place, fc.nat(3), piece),
        async ({ stored, password }, [where, cut, put]) => {
          const at = Math.floor(where * stored.length);
          const damaged = stored.slice(0, at) + put + stored.slice(at + cut);
          if (!(await accepts(password, damaged))) return;
          // OpenLDAP's name.
          if (damaged.startsWith("{ARGON2}")) return;
          assert.equal(await doveadmAccepts(password, damaged), true, damaged);
        },
      ),
      { numRuns: 400 },
    );
  });
});
